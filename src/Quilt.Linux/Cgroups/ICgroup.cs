using Quilt.Oci;

namespace Quilt.Linux;

/// <summary>One control group, whichever of the kernel's two designs holds it (cgroups(7)).</summary>
public interface ICgroup
{
    /// <summary>Relative to the hierarchies' mounts, such as <c>quilt/agent/id</c>.</summary>
    string Path { get; }
    bool Exists { get; }

    /// <summary>Makes it and what is missing above it.</summary>
    void Create();

    /// <summary>
    /// Makes that much of it that a process can be cloned into it (CLONE_INTO_CGROUP); <see cref="Create"/> makes the rest, for
    /// which nobody needs to wait.
    /// </summary>
    /// <returns>Its folder in the unified hierarchy; null where the machine has none.</returns>
    FileDescriptor? CreateForClone();

    /// <summary>Sets the limits that are given; the others stay as they are.</summary>
    /// <exception cref="SyscallException">The kernel refused a value.</exception>
    void Apply(OciResources resources);

    /// <summary>Moves a process in, with all its threads.</summary>
    void AddProcess(int pid);

    /// <summary>The folder in the unified hierarchy, for CLONE_INTO_CGROUP; null where the machine has none.</summary>
    FileDescriptor? OpenForClone();

    /// <summary>How many <see cref="OpenForJoin"/> opens.</summary>
    int JoinCount { get; }

    /// <summary>
    /// What a process with a single thread writes '0' to, to move itself into the groups that a clone cannot put it into: v1's
    /// <c>tasks</c>. Moving oneself takes no lock on all forks of the machine, which costs a grace period (0.2 instead of 11 ms).
    /// </summary>
    IReadOnlyList<FileDescriptor> OpenForJoin();

    /// <summary>
    /// The limit of its processes is reached, for who moves in as <see cref="OpenForJoin"/> says: v1 counts him and does not hold him
    /// back. Never, where a clone into it is refused by the kernel.
    /// </summary>
    bool IsFull { get; }

    /// <summary>The processes in it and below it.</summary>
    IReadOnlyList<int> Processes();

    /// <summary>Stops every process in it, or lets them go on; returns when that is so.</summary>
    void SetFrozen(bool frozen);
    bool IsFrozen { get; }

    /// <summary>SIGKILL to all of them, those just being forked included.</summary>
    void KillAll();
    CgroupStatistics Statistics();

    /// <summary>Removes it and what is below it. Nothing happens where it is gone already.</summary>
    /// <exception cref="SyscallException">EBUSY where processes are left.</exception>
    void Remove();
}

/// <summary>What a group has used. Zero where the kernel does not tell.</summary>
/// <param name="MemoryLimitBytes">0 is no limit.</param>
/// <param name="IoReadBytes">From block devices, as far as the host counts them.</param>
/// <param name="OomKills">How many of its processes the kernel killed for memory.</param>
public sealed record CgroupStatistics(
    ulong CpuUsageMicros, ulong ThrottledMicros, ulong MemoryBytes, ulong MemoryPeakBytes, ulong MemoryLimitBytes, ulong OomKills, ulong Pids, ulong PidsLimit,
    ulong IoReadBytes, ulong IoWriteBytes);
