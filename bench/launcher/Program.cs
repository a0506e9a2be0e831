// Measures whole processes that run /bin/true in a container: quilt-oci against bubblewrap and runc, interleaved, so that
// whatever else the machine does falls on all of them alike. Usage: Quilt.Bench.Launcher QUILT-OCI [ROUNDS]
using Quilt.Bench.Launcher;
using Quilt.Linux;

if (args.Length is 0 or > 2)
{
    Console.Error.WriteLine("usage: Quilt.Bench.Launcher QUILT-OCI [ROUNDS]");
    return 2;
}

string quilt = Path.GetFullPath(args[0]);
int rounds = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 200;
const int warmUp = 5;
// In memory: what runtimes keep is below /run, and a disk's time to forget a folder is not theirs.
string folder = Directory.CreateDirectory($"/dev/shm/quilt-bench-{Environment.ProcessId}").FullName;
// The others open the root as the container's root.
File.SetUnixFileMode(folder, (UnixFileMode)0x1ED);
try
{
    string root = Bundle.MakeRoot(folder);
    string hardened = Bundle.Write(folder, "hardened", Bundle.Hardened(root)), bare = Bundle.Write(folder, "bare", Bundle.Bare(root));
    List<Contender> contenders =
    [
        new("quilt-oci run, hardened default", quilt, ["--root", folder + "/quilt", "run", "--bundle", hardened, "{id}"]),
        new("quilt-oci run, as bubblewrap", quilt, ["--root", folder + "/quilt", "run", "--bundle", bare, "{id}"]),
    ];
    Contender? bubblewrap = null;
    if (Find("bwrap") is { } bwrap)
    {
        bubblewrap = new("bubblewrap", bwrap, ["--unshare-all", "--unshare-user", "--uid", "0", "--gid", "0", "--bind", root, "/", "--proc", "/proc", "--dev", "/dev", "/bin/true"]);
        contenders.Add(bubblewrap);
    }

    if (Find("runc") is { } runc)
    {
        contenders.Add(new("runc run, hardened default", runc, ["--root", folder + "/runc", "run", "--bundle", hardened, "{id}"]));
        contenders.Add(new("runc run, as bubblewrap", runc, ["--root", folder + "/runc", "run", "--bundle", bare, "{id}"]));
    }

    if (Find("crun") is { } crun)
    {
        contenders.Add(new("crun run, hardened default", crun, ["--root", folder + "/crun", "run", "--bundle", hardened, "{id}"]));
    }

    // A peer that cannot run here (an old crun beside a hybrid cgroup set-up) is named and left out; quilt-oci has to.
    contenders.RemoveAll(c => !ReferenceEquals(c.Program, quilt) && !CanRun(c));
    for (int round = -warmUp; round < rounds; round++)
    {
        contenders.ForEach(c => c.RunOnce(round, round >= 0));
    }

    Console.WriteLine($"{rounds} rounds, interleaved; milliseconds from start to end");
    Console.WriteLine($"{"",-34} {"p50",7} {"p90",7} {"cpu p50",8} {"/ bubblewrap",13}");
    foreach (Contender contender in contenders)
    {
        double median = Contender.Percentile(contender.Wall, 0.5);
        string ratio = bubblewrap is null ? "-" : $"{median / Contender.Percentile(bubblewrap.Wall, 0.5):F2}";
        Console.WriteLine($"{contender.Name,-34} {median,7:F2} {Contender.Percentile(contender.Wall, 0.9),7:F2} {Contender.Percentile(contender.Processor, 0.5),8:F2} {ratio,13}");
    }

    return 0;
}
finally
{
    Directory.Delete(folder, recursive: true);
    foreach (CgroupHierarchy hierarchy in CgroupHierarchy.OfHost())
    {
        Sys.TryRemoveDirectory(Path.Combine(hierarchy.MountPoint, "quilt-bench"), out _);
    }
}

static bool CanRun(Contender contender)
{
    try
    {
        contender.RunOnce(-warmUp - 1, record: false);
        return true;
    }
    catch (InvalidOperationException e)
    {
        Console.Error.WriteLine($"left out: {contender.Name}: {e.Message}");
        return false;
    }
}

static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
    .Select(part => Path.Combine(part, program)).FirstOrDefault(File.Exists);
