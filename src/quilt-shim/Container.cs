using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>The one container that this shim has at a time.</summary>
internal sealed class Container : IDisposable
{
    private readonly Action<Container> _ended;

    private Container(CreateRequest request, OciSpec spec, ICgroup cgroup, LaunchedContainer launched, EventLoop loop, ProcessStreams streams, Action<Container> ended)
    {
        (Request, Spec, Cgroup, Launched, _ended) = (request, spec, cgroup, launched, ended);
        Ephemeral = request.Ephemeral;
        Process = new SupervisedProcess(loop, launched.Pid, launched.StartTime, launched.PidFd, cgroup, streams, Record);
    }

    internal LaunchedContainer Launched { get; }
    internal CreateRequest Request { get; }
    internal OciSpec Spec { get; }
    internal ICgroup Cgroup { get; }
    internal SupervisedProcess Process { get; }
    internal DateTimeOffset? StartedAt { get; private set; }

    /// <summary>It is removed when it has ended.</summary>
    internal bool Ephemeral { get; set; }
    internal BundleLayout Layout => new(Request.Bundle);

    internal string Status => (Process.Exit, StartedAt) switch { (not null, _) => "exited", (_, not null) => "running", _ => "created" };

    /// <summary>Prepares it up to just before execve, and executes its command where the request says so.</summary>
    /// <exception cref="LaunchException">With nothing left behind.</exception>
    internal static Container Create(CreateRequest request, EventLoop loop, Launcher launcher, CgroupHost cgroups, Action<Container> ended)
    {
        BundleLayout layout = new(request.Bundle);
        OciSpec spec = request.Spec;
        Check(spec);
        using Rollback rollback = new();
        ICgroup cgroup = cgroups.Open(spec.Linux?.CgroupsPath is { Length: > 0 } path ? path : $"quilt/{request.ContainerId}");
        rollback.OnFailure(cgroup.Remove);
        ProcessStreams streams = new(loop, spec, spec.Process!, request.StdinOpen);
        rollback.OnFailure(streams.Dispose);
        LaunchedContainer launched = launcher.Create(new LaunchRequest
        {
            Spec = spec,
            Bundle = request.Bundle,
            Stdio = streams.Childs,
            Layers = spec.Layers,
            Filter = spec.Filter,
            Init = spec.Init,
            Cgroup = cgroup,
            Start = request.Start,
            DieWithParent = true,
            Cloned = (_, _) =>
            {
                // While the child is busy, and before it executes anything.
                File.Delete(layout.Exit);
                streams.Log = new LogWriter(layout.Logs, request.LogMaxBytes, request.LogMaxFiles);
            },
            WindowSize = request.WindowSize is { } size ? (size.Columns, size.Rows) : null,
        });
        rollback.OnFailure(launched.Destroy);
        streams.Begin(launched.Console);
        Container container = new(request, spec, cgroup, launched, loop, streams, ended) { StartedAt = request.Start ? DateTimeOffset.UtcNow : null };
        rollback.Commit();
        return container;
    }

    /// <summary>Returns when execve has succeeded.</summary>
    internal void Start()
    {
        Launched.Start();
        StartedAt = DateTimeOffset.UtcNow;
    }

    /// <summary>To be called when it has run for a while.</summary>
    internal void Settle() => Launched.TidyUp();

    public void Dispose() => Launched.Dispose();

    private static void Check(OciSpec spec)
    {
        OciSpecValidator.Validate(spec);
        if (SealedProgram.IsNeededFor(spec.Linux ?? new OciLinux()))
        {
            // Its root could write to our program, which unlike quilt-oci's is not sealed.
            throw new QuiltException(ErrorCode.FailedPrecondition, "a shim launches no container whose root is the host's root", "give it a user namespace of its own that does not map the host's root", "linux.namespaces");
        }
    }

    private void Record(SupervisedProcess process, ProcessEnd end)
    {
        bool killed = end.ExitCode == 128 + Signals.Kill;
        ExitRecord exit = new(end.ExitCode, end.Signal, killed && Cgroup.Statistics().OomKills > 0, false, DateTimeOffset.UtcNow);
        if (StartedAt is not null)
        {
            ExitFile.Write(Layout.Root, exit, Ephemeral); // of one that never executed its command there is no exit
        }

        process.SetExit(exit);
        _ended(this);
    }
}
