using System.Runtime.InteropServices;

namespace Quilt.Linux;

public static unsafe partial class Sys
{
    internal static bool IsArm64 => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>How the kernel schedules a process (sched_setattr(2)).</summary>
    /// <param name="policy">SCHED_*, as <see cref="SchedulerPolicy"/> numbers them.</param>
    /// <param name="flags">SCHED_FLAG_*.</param>
    /// <param name="runtime">With the two that follow for SCHED_DEADLINE alone, nanoseconds.</param>
    /// <exception cref="SyscallException">EINVAL: values that the policy does not have; EBUSY: deadlines that the processors cannot keep.</exception>
    public static void SetScheduler(int pid, int policy, ulong flags, int nice, uint priority, ulong runtime, ulong deadline, ulong period)
    {
        // struct sched_attr, its first version: size, policy, flags, nice, priority, runtime, deadline, period.
        const int size = 48;
        byte* attributes = stackalloc byte[size];
        *(uint*)attributes = size;
        *(int*)(attributes + 4) = policy;
        *(ulong*)(attributes + 8) = flags;
        *(int*)(attributes + 16) = nice;
        *(uint*)(attributes + 20) = priority;
        *(ulong*)(attributes + 24) = runtime;
        *(ulong*)(attributes + 32) = deadline;
        *(ulong*)(attributes + 40) = period;
        Check(LibC.syscall(IsArm64 ? 274 : 314, pid, (nint)attributes, 0, 0, 0, 0), "sched_setattr", $"policy {policy}");
    }

    /// <summary>How a process's reads and writes of disks are ordered among others' (ioprio_set(2)).</summary>
    /// <param name="priority">As <see cref="IoPriority"/> encodes it.</param>
    public static void SetIoPriority(int pid, int priority)
    {
        const int process = 1;
        Check(LibC.syscall(IsArm64 ? 30 : 251, process, pid, priority, 0, 0, 0), "ioprio_set", null);
    }

    /// <summary>The processors that a process may run on (sched_setaffinity(2)).</summary>
    /// <param name="processors">Their numbers, from 0.</param>
    /// <exception cref="SyscallException">EINVAL: none of them is in the process's cpuset.</exception>
    public static void SetAffinity(int pid, IReadOnlyCollection<int> processors)
    {
        const int words = 16; // 1024 processors
        ulong* mask = stackalloc ulong[words];
        new Span<ulong>(mask, words).Clear();
        foreach (int processor in processors)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)processor, (uint)(words * 64), nameof(processors));
            mask[processor / 64] |= 1UL << (processor % 64);
        }

        Check(LibC.syscall(IsArm64 ? 122 : 203, pid, words * sizeof(ulong), (nint)mask, 0, 0, 0), "sched_setaffinity", null);
    }
}
