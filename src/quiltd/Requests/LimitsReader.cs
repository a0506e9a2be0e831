using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Linux;

namespace Quilt.Daemon;

/// <summary>Limits of a request, checked against what the kernel and the host can hold.</summary>
internal static class LimitsReader
{
    private const double FewestCpus = 0.01;

    internal static ContainerLimits Read(Resources? request)
    {
        ContainerLimits limits = ContainerLimits.Default;
        if (request is null)
        {
            return limits;
        }

        return new ContainerLimits(
            request.MemoryBytes == 0 ? limits.MemoryBytes : Memory(request.MemoryBytes),
            request.Cpus == 0 ? limits.Cpus : Cpus(request.Cpus),
            request.Pids == 0 ? limits.Pids : Pids(request.Pids));
    }

    /// <exception cref="QuiltException">An unknown name, or a soft limit above the hard one.</exception>
    internal static Engine.Ulimit Read(Api.V1.Ulimit request)
    {
        string name = "RLIMIT_" + request.Name.ToUpperInvariant();
        if (!ResourceLimits.IsKnown(name))
        {
            throw QuiltException.Invalid("ulimits", $"ulimit '{request.Name}' is unknown", "use a name of getrlimit(2) without RLIMIT_, such as nofile, nproc or stack");
        }

        return request.Soft <= request.Hard
            ? new Engine.Ulimit(name, request.Soft, request.Hard)
            : throw QuiltException.Invalid("ulimits", $"{request.Name}: the soft limit {request.Soft} is above the hard limit {request.Hard}", "lower the soft limit");
    }

    private static long Memory(long bytes) => bytes >= ContainerLimits.MinimumMemoryBytes
        ? bytes
        : throw QuiltException.Invalid("resources.memory_bytes", $"memory {bytes} bytes is below the minimum of {new ByteSize(ContainerLimits.MinimumMemoryBytes)}", $"give at least {new ByteSize(ContainerLimits.MinimumMemoryBytes)}");

    private static double Cpus(double cpus) => cpus >= FewestCpus && cpus <= Environment.ProcessorCount
        ? cpus
        : throw QuiltException.Invalid("resources.cpus", $"{cpus} CPUs cannot be given", $"give from {FewestCpus} to this host's {Environment.ProcessorCount}");

    private static long Pids(long pids) => pids is -1 or >= 1
        ? pids
        : throw QuiltException.Invalid("resources.pids", $"{pids} processes is no limit", "give at least 1, or -1 for no limit");
}
