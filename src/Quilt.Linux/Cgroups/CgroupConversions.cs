using System.Globalization;
using Quilt.Oci;

namespace Quilt.Linux;

/// <summary>The runtime spec speaks cgroup v1; this is what its values mean in v2.</summary>
public static class CgroupConversions
{
    private const long LeastShares = 2, MostShares = 262_144, LeastBlkio = 10, MostBlkio = 1000, MostWeight = 10_000;

    /// <summary>cpu.shares, 2 to 262144, as cpu.weight, 1 to 10000.</summary>
    public static long CpuWeight(ulong shares) =>
        1 + (((long)Math.Clamp(shares, LeastShares, MostShares) - LeastShares) * (MostWeight - 1) / (MostShares - LeastShares));

    /// <summary>blkio.weight, 10 to 1000, as io.weight, 1 to 10000.</summary>
    public static long IoWeight(ushort weight) =>
        1 + ((Math.Clamp(weight, LeastBlkio, MostBlkio) - LeastBlkio) * (MostWeight - 1) / (MostBlkio - LeastBlkio));

    /// <summary>A line of rdma.max.</summary>
    internal static string Rdma(string device, OciRdma limit) =>
        string.Create(CultureInfo.InvariantCulture, $"{device} hca_handle={limit.HcaHandles?.ToString(CultureInfo.InvariantCulture) ?? "max"} hca_object={limit.HcaObjects?.ToString(CultureInfo.InvariantCulture) ?? "max"}");

    /// <summary>Memory and swap together as swap alone; null is no limit.</summary>
    /// <param name="memory">The limit of memory that goes with it; -1 is none.</param>
    /// <exception cref="SyscallException">EINVAL: less than the memory's limit, or no limit of memory to count from. v1 refuses those too.</exception>
    public static long? SwapAlone(long memoryAndSwap, long memory)
    {
        if (memoryAndSwap < 0)
        {
            return null;
        }

        return memory >= 0 && memoryAndSwap >= memory
            ? memoryAndSwap - memory
            : throw new SyscallException("write", $"memory.swap.max: memory and swap {memoryAndSwap}, memory {memory}", Errno.EINVAL);
    }
}
