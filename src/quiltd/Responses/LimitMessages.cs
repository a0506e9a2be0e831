using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Daemon;

/// <summary>Limits on the wire.</summary>
internal static class LimitMessages
{
    internal static Resources ToMessage(this ContainerLimits limits) => new()
    {
        MemoryBytes = limits.MemoryBytes,
        Cpus = limits.Cpus,
        Pids = limits.Pids,
        DiskBytes = limits.DiskBytes,
        MemoryHighBytes = limits.MemoryHighBytes,
        SwapBytes = limits.SwapBytes,
        Cpuset = limits.Cpuset,
        CpuWeight = limits.CpuWeight,
        IoWeight = limits.IoWeight,
        Io = { limits.Io.Select(l => new Api.V1.IoLimit { Device = l.Device, ReadBps = l.ReadBytes, WriteBps = l.WriteBytes, ReadIops = l.ReadOperations, WriteIops = l.WriteOperations }) },
        Hugepages = { limits.Hugepages.Select(h => new Api.V1.HugepageLimit { SizeBytes = ContainerEngine.HugepageBytes(h.PageSize), LimitBytes = h.Bytes }) },
    };

    /// <summary>The same, with the limits that a message has: its zeros are 'as usual', as the tools' are.</summary>
    internal static CreateContainerArguments With(this CreateContainerArguments arguments, Resources? asked) => asked is null ? arguments : arguments with
    {
        Memory = new ByteSize(asked.MemoryBytes),
        Cpus = asked.Cpus,
        Pids = asked.Pids,
        Disk = asked.DiskBytes != 0 ? new ByteSize(asked.DiskBytes) : null,
        MemoryHigh = new ByteSize(asked.MemoryHighBytes),
        Swap = new ByteSize(asked.SwapBytes),
        Cpuset = asked.Cpuset,
        CpuWeight = asked.CpuWeight,
        IoWeight = asked.IoWeight,
        Io = [.. asked.Io.Select(l => new IoLimitArguments { Device = l.Device, ReadBps = new ByteSize(l.ReadBps), WriteBps = new ByteSize(l.WriteBps), ReadIops = l.ReadIops, WriteIops = l.WriteIops })],
        Hugepages = [.. asked.Hugepages.Select(h => new HugepageLimitArguments { Size = new ByteSize(h.SizeBytes), Limit = new ByteSize(h.LimitBytes) })],
    };
}
