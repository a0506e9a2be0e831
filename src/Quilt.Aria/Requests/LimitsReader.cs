using Quilt.Core;
using Quilt.Engine;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>Limits of a request, checked against what a container can be held to at all; the engine looks at what this host has.</summary>
public static class LimitsReader
{
    private const double FewestCpus = 0.01;
    private const long MostPids = 4_194_304; // PID_MAX_LIMIT: the kernel has no numbers for more
    private const string OpenFiles = "RLIMIT_NOFILE";

    public static ContainerLimits Read(CreateContainerArguments asked) =>
        Read(asked, ContainerLimits.Default) with { DiskBytes = asked.Disk is { Bytes: not 0 } disk ? Disk(disk, "disk") : 0 };

    /// <summary>What can be a file system of its own.</summary>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static long Disk(ByteSize size, string field) =>
        size.Bytes < ContainerEngine.MinimumDiskBytes ? throw QuiltException.Invalid(field, $"{field} {size} is below the minimum of {new ByteSize(ContainerEngine.MinimumDiskBytes)}", $"give at least {new ByteSize(ContainerEngine.MinimumDiskBytes)}")
        : size.Bytes > ContainerEngine.MaximumDiskBytes ? throw QuiltException.Invalid(field, $"{field} {size} is more than a file system can be here", $"give at most {new ByteSize(ContainerEngine.MaximumDiskBytes)}")
        : size.Bytes / Linux.DiskImage.BlockBytes * Linux.DiskImage.BlockBytes;

    /// <summary>What is left out stays as it is; 0 is as usual.</summary>
    internal static ContainerLimits Read(LimitArguments asked, ContainerLimits now)
    {
        ContainerLimits usual = ContainerLimits.Default;
        ContainerLimits read = now with
        {
            MemoryBytes = asked.Memory is { } memory ? memory.Bytes == 0 ? usual.MemoryBytes : Memory(memory.Bytes) : now.MemoryBytes,
            Cpus = asked.Cpus is { } cpus ? cpus == 0 ? usual.Cpus : Cpus(cpus) : now.Cpus,
            Pids = asked.Pids is { } pids ? pids == 0 ? usual.Pids : Pids(pids) : now.Pids,
            MemoryHighBytes = NotNegative("memoryHigh", asked.MemoryHigh?.Bytes) ?? now.MemoryHighBytes,
            SwapBytes = NotNegative("swap", asked.Swap?.Bytes) ?? now.SwapBytes,
            Cpuset = asked.Cpuset is { } cpuset ? Cpuset(cpuset) : now.Cpuset,
            CpuWeight = Weight("cpuWeight", asked.CpuWeight, ContainerLimits.MostCpuWeight) ?? now.CpuWeight,
            IoWeight = Weight("ioWeight", asked.IoWeight, ContainerLimits.MostIoWeight) ?? now.IoWeight,
            Io = asked.Io is { } io ? Io(io) : now.Io,
            Hugepages = asked.Hugepages is { } pages ? [.. pages.Select(Hugepages)] : now.Hugepages,
        };
        return read.MemoryHighBytes <= read.MemoryBytes
            ? read
            : throw QuiltException.Invalid("memoryHigh", $"memoryHigh {new ByteSize(read.MemoryHighBytes)} is above the memory of {new ByteSize(read.MemoryBytes)}", "give less, or 0 for no such bound, or more memory");
    }

    /// <summary>As <see cref="Read(LimitArguments, ContainerLimits)"/>, of build steps.</summary>
    internal static ContainerLimits Read(ByteSize? memory, double? cpus, long? pids) => Read(new CreateContainerArguments { Memory = memory, Cpus = cpus, Pids = pids });

    /// <summary>Limits of single processes, with a short way for that of open files.</summary>
    internal static IReadOnlyList<Ulimit> Ulimits(LimitArguments asked, IReadOnlyList<Ulimit> given)
    {
        if (asked.Files is not { } files)
        {
            return given;
        }

        IEnumerable<Ulimit> others = given.Where(u => u.Name != OpenFiles);
        return files switch
        {
            > 0 when OpenFilesAtMost("files", (ulong)files) is var most => [.. others, new Ulimit(OpenFiles, most, most)],
            0 => [.. others],
            _ => throw QuiltException.Invalid("files", $"{files} open files is no limit", "give at least 1, or 0 for as usual"),
        };
    }

    /// <exception cref="QuiltException">An unknown name, or a soft limit above the hard one.</exception>
    public static Ulimit Read(UlimitArguments asked)
    {
        string name = "RLIMIT_" + asked.Name.ToUpperInvariant();
        if (!ResourceLimits.IsKnown(name))
        {
            throw QuiltException.Invalid("ulimits", $"ulimit '{asked.Name}' is unknown", "use a name of getrlimit(2) without RLIMIT_, such as nofile, nproc or stack");
        }

        return asked.Soft <= asked.Hard
            ? new Ulimit(name, asked.Soft, name == OpenFiles ? OpenFilesAtMost("ulimits", asked.Hard) : asked.Hard)
            : throw QuiltException.Invalid("ulimits", $"{asked.Name}: the soft limit {asked.Soft} is above the hard limit {asked.Hard}", "lower the soft limit");
    }

    private static long Memory(long bytes) => bytes >= ContainerLimits.MinimumMemoryBytes
        ? bytes
        : throw QuiltException.Invalid("memory", $"memory {bytes} bytes is below the minimum of {new ByteSize(ContainerLimits.MinimumMemoryBytes)}", $"give at least {new ByteSize(ContainerLimits.MinimumMemoryBytes)}");

    private static double Cpus(double cpus) => cpus >= FewestCpus && cpus <= Environment.ProcessorCount
        ? cpus
        : throw QuiltException.Invalid("cpus", $"{cpus} CPUs cannot be given", $"give from {FewestCpus} to this host's {Environment.ProcessorCount}");

    private static long Pids(long pids) => pids is -1 or (>= 1 and <= MostPids)
        ? pids
        : throw QuiltException.Invalid("pids", $"{pids} processes is no limit", $"give 1 to {MostPids}, or -1 for no limit");

    /// <summary>The kernel lets nobody have more, not even root.</summary>
    private static ulong OpenFilesAtMost(string field, ulong files) => files <= ResourceLimits.MostOpenFiles
        ? files
        : throw QuiltException.Invalid(field, $"{files} open files are more than this host allows a process", $"give at most {ResourceLimits.MostOpenFiles}, or have the host's fs.nr_open raised");

    private static string Cpuset(string cpus) => CpuList.TryParse(cpus) is not null
        ? cpus.Trim()
        : throw QuiltException.Invalid("cpuset", $"cpuset '{Text.Printable(cpus)}' is no list of CPUs", "give numbers and ranges, such as 0-1,3");

    private static int? Weight(string field, int? weight, int most) => weight is null or >= 0 && !(weight > most)
        ? weight
        : throw QuiltException.Invalid(field, $"{field} {weight} cannot be given", $"give from 1 to {most}, or 0 for the usual {ContainerLimits.UsualWeight}");

    private static List<IoLimit> Io(IReadOnlyList<IoLimitArguments> asked)
    {
        List<IoLimit> limits = [];
        foreach (IoLimitArguments one in asked)
        {
            string device = one.Device ?? "";
            if (limits.Any(l => l.Device == device))
            {
                throw QuiltException.Invalid("io", $"the disk '{Text.Printable(device)}' is given twice", "give all its limits at once");
            }

            limits.Add(new IoLimit(
                device, NotNegative("io.readBps", one.ReadBps?.Bytes) ?? 0, NotNegative("io.writeBps", one.WriteBps?.Bytes) ?? 0,
                NotNegative("io.readIops", one.ReadIops) ?? 0, NotNegative("io.writeIops", one.WriteIops) ?? 0));
        }

        return limits;
    }

    private static HugepageLimit Hugepages(HugepageLimitArguments asked) => asked.Size.Bytes >= 1 << 10
        ? new HugepageLimit(ContainerEngine.HugepageName(asked.Size.Bytes), NotNegative("hugepages.limit", asked.Limit.Bytes)!.Value)
        : throw QuiltException.Invalid("hugepages.size", $"{asked.Size} is no size of huge pages", "give one such as 2MiB");

    private static long? NotNegative(string field, long? number) => number is null or >= 0
        ? number
        : throw QuiltException.Invalid(field, $"{field} {number} is negative", "give 0 or more");
}
