using Quilt.Core;
using Quilt.Engine;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>Limits of a request, checked against what the kernel and the host can hold.</summary>
public static class LimitsReader
{
    private const double FewestCpus = 0.01;

    public static ContainerLimits Read(CreateContainerArguments asked) =>
        Read(asked.Memory, asked.Cpus, asked.Pids) with { DiskBytes = asked.Disk is { Bytes: not 0 } disk ? Disk(disk, "disk") : 0 };

    /// <summary>What can be a file system of its own.</summary>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static long Disk(ByteSize size, string field) =>
        size.Bytes < ContainerEngine.MinimumDiskBytes ? throw QuiltException.Invalid(field, $"{field} {size} is below the minimum of {new ByteSize(ContainerEngine.MinimumDiskBytes)}", $"give at least {new ByteSize(ContainerEngine.MinimumDiskBytes)}")
        : size.Bytes > ContainerEngine.MaximumDiskBytes ? throw QuiltException.Invalid(field, $"{field} {size} is more than a file system can be here", $"give at most {new ByteSize(ContainerEngine.MaximumDiskBytes)}")
        : size.Bytes / Linux.DiskImage.BlockBytes * Linux.DiskImage.BlockBytes;


    /// <summary>What is left out, or 0, is as usual.</summary>
    internal static ContainerLimits Read(ByteSize? memory, double? cpus, long? pids)
    {
        ContainerLimits usual = ContainerLimits.Default;
        return new ContainerLimits(
            memory is { Bytes: not 0 and var bytes } ? Memory(bytes) : usual.MemoryBytes,
            cpus is { } cores and not 0 ? Cpus(cores) : usual.Cpus,
            pids is { } most and not 0 ? Pids(most) : usual.Pids);
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
            ? new Ulimit(name, asked.Soft, asked.Hard)
            : throw QuiltException.Invalid("ulimits", $"{asked.Name}: the soft limit {asked.Soft} is above the hard limit {asked.Hard}", "lower the soft limit");
    }

    private static long Memory(long bytes) => bytes >= ContainerLimits.MinimumMemoryBytes
        ? bytes
        : throw QuiltException.Invalid("memory", $"memory {bytes} bytes is below the minimum of {new ByteSize(ContainerLimits.MinimumMemoryBytes)}", $"give at least {new ByteSize(ContainerLimits.MinimumMemoryBytes)}");

    private static double Cpus(double cpus) => cpus >= FewestCpus && cpus <= Environment.ProcessorCount
        ? cpus
        : throw QuiltException.Invalid("cpus", $"{cpus} CPUs cannot be given", $"give from {FewestCpus} to this host's {Environment.ProcessorCount}");

    private static long Pids(long pids) => pids is -1 or >= 1
        ? pids
        : throw QuiltException.Invalid("pids", $"{pids} processes is no limit", "give at least 1, or -1 for no limit");
}
