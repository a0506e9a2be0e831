using Quilt.Linux;
using Quilt.Shim;

Sys.UseUsualUmask();

// What whoever started us left open is not handed on to those that we start.
Sys.CloseOnExecFrom(3);

// Started by quiltd and by the spawner alone; a person has no use for it.
if (args.Length > 0 && args[0] == "--spawner" && Option("--run-dir") is { } runDir)
{
    TrimmedMounts.Enter([runDir, .. Options("--keep")]);
    if (Option("--cgroup-parent") is { } cgroups && CgroupDelegation.TryEnterSupervisors(CgroupHost.OfThisMachine(), cgroups))
    {
        // Whoever manages that group ends it by telling all in it to end: the containers do so, and each shim when its own has.
        Sys.Ignore(Signals.Terminate);
    }

    using FileDescriptor? empty = EmptyMounts.TryMake();
    new Spawner(runDir, empty).Run();
    return 0;
}

if (Option("--socket") is { } socket)
{
    using FileDescriptor? empty = Option("--empty-mounts") is { } path ? TryOpen(path) : null;
    using ShimServer server = new(socket, empty);
    Warmth.Prepare();
    if (Option("--ready") is { } ready && !TellReady(ready))
    {
        return 0; // The spawner has died meanwhile: nobody knows of us, and nobody ever will.
    }

    server.Run();
    return 0;
}

Console.Error.WriteLine("""
    quilt-shim: serves one container for quiltd
      quilt-shim --spawner --run-dir RUN [--keep FOLDER]... [--cgroup-parent GROUP]
      quilt-shim --socket PATH [--empty-mounts MOUNT-NAMESPACE]
    """);
return 2;

// Null where the spawner has died meanwhile.
static FileDescriptor? TryOpen(string path)
{
    try
    {
        return Sys.Open(path, OpenMode.ReadOnly);
    }
    catch (SyscallException e) when (e.Errno == Errno.ENOENT)
    {
        return null;
    }
}

// Opening and closing the pipe's last writer tells the spawner that we listen.
static bool TellReady(string pipe)
{
    try
    {
        File.WriteAllText(pipe, "\n");
        return true;
    }
    catch (IOException)
    {
        return false;
    }
}

string? Option(string name) => Options(name).FirstOrDefault();

IEnumerable<string> Options(string name) => args.Zip(args.Skip(1)).Where(pair => pair.First == name).Select(pair => pair.Second);
