using System.Formats.Tar;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Peers;

/// <summary>The folder of one run: the busybox root that all sides use, and a place for each side's state. Gone when the run ends.</summary>
internal sealed class Workspace : IDisposable
{
    private const int Detach = 2;

    /// <summary>Of the name of the second folder, which is in memory.</summary>
    public const string VolatileSuffix = "-run";

    private const string Memory = "/dev/shm";

    private readonly string _folder, _volatile;

    /// <param name="parent">Where the folder is made; it has to be on a file system that overlayfs takes as its upper layer.</param>
    public Workspace(string parent)
    {
        _folder = Path.Combine(parent, $"quilt-bench-{Environment.ProcessId}");
        _volatile = Path.Combine(Directory.Exists(Memory) ? Memory : parent, Name + VolatileSuffix);
        Rootfs = Folder("rootfs");
        Archive = Path.Combine(_folder, "rootfs.tar");
        BuildRootfs();
    }

    /// <summary>The name of this run's cgroup in every hierarchy, and of its containers.</summary>
    public string Name => Path.GetFileName(_folder);
    public string Rootfs { get; }

    /// <summary>The same as a tar archive, for <c>import</c>.</summary>
    public string Archive { get; }

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    /// <summary>On a tmpfs, as /run is, where the runtimes keep what they know of their containers.</summary>
    public string VolatileFolder(string name) => Directory.CreateDirectory(Path.Combine(_volatile, name)).FullName;

    public Command Command(string program) => new(program, Path.Combine(_folder, $"{Path.GetFileName(program)}.err"));

    public void Dispose()
    {
        // What was interrupted leaves containers, which outlive their daemon.
        Leftovers.End(Name);
        foreach (string mount in Mounts.Under(_folder).Concat(Mounts.Under(_volatile)).Reverse())
        {
            _ = LibC.umount2(mount, Detach);
        }

        Cgroups.Remove(Name);
        Directory.Delete(_folder, recursive: true);
        if (Directory.Exists(_volatile))
        {
            Directory.Delete(_volatile, recursive: true);
        }
    }

    private void BuildRootfs()
    {
        const string busybox = "/bin/busybox";
        if (!File.Exists(busybox))
        {
            throw new BenchException($"{busybox} is missing: apt-get install busybox-static");
        }

        foreach (string folder in (string[])["bin", "proc", "dev", "sys", "tmp", "etc"])
        {
            Directory.CreateDirectory(Path.Combine(Rootfs, folder));
        }

        File.Copy(busybox, Path.Combine(Rootfs, "bin/busybox"));
        foreach (string applet in (string[])["sh", "true", "sleep"])
        {
            File.CreateSymbolicLink(Path.Combine(Rootfs, "bin", applet), "busybox");
        }

        TarFile.CreateFromDirectory(Rootfs, Archive, includeBaseDirectory: false);
    }
}
