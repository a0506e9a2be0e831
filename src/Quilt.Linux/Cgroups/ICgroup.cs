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

    /// <summary>Sets the limits that are given while the group is in use, and reads each back: all of them, or none.</summary>
    /// <returns>Takes it back: to be called where something else that belongs to it fails.</returns>
    /// <exception cref="LimitRefusedException">The kernel did not take a value. All is as it was.</exception>
    /// <exception cref="SyscallException">The host has no such controller. All is as it was.</exception>
    Action Change(OciResources resources);

    /// <summary>What a group has that was given none.</summary>
    static (long Quota, ulong Period) NoCpuQuota => (-1, 100_000);

    /// <summary>Microseconds of the processors in a period of so many; -1 is no limit.</summary>
    (long Quota, ulong Period) CpuQuota { get; }

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
    void SetFrozen(bool frozen)
    {
        using CgroupFreezer freezer = OpenFreezer();
        freezer.Set(frozen);
    }

    /// <summary>For who stops it and has to be able to let it go on.</summary>
    CgroupFreezer OpenFreezer();
    bool IsFrozen { get; }

    /// <summary>SIGKILL to all of them, those just being forked included.</summary>
    void KillAll();
    CgroupStatistics Statistics();

    CgroupLevels Levels();

    /// <summary>See <see cref="CgroupStatistics.MemoryReclaimableBytes"/>.</summary>
    ulong MemoryReclaimableBytes { get; }

    /// <param name="pageSize">As the kernel names it, such as <c>2MB</c>.</param>
    ulong HugepageBytes(string pageSize);

    /// <summary>Its files whose change the kernel tells (inotify(7)): a limit is reached, a process was killed for memory. v1 has none.</summary>
    IReadOnlyList<string> NotifyingFiles { get; }

    /// <summary>Raises a counter whenever the memory in use passes one of these bounds, up or down, or has no more room.</summary>
    /// <returns>False where this kind of group cannot. It ends with the counter, or with the group, which raises it once more.</returns>
    bool TryNotify(EventCounter counter, IReadOnlyList<long> memoryBytes);

    /// <summary>What was noted with it (xattr(7)): that is there as long as the group is. Null: nothing.</summary>
    /// <param name="name">Such as <c>trusted.quilt.traffic</c>.</param>
    string? NoteOf(string name);

    /// <summary>See <see cref="NoteOf"/>; a note that is there is replaced.</summary>
    /// <exception cref="SyscallException">ENOENT: there is no such group.</exception>
    void SetNote(string name, string value);

    /// <summary>Removes a group that nobody is in and none is below. It takes no descriptor, of which there may be no more.</summary>
    /// <returns>False where it is in use, or a part of it is (v1) where the rest may be gone: <see cref="KillAll"/> and <see cref="Remove"/> end it.</returns>
    bool TryRemove();

    /// <summary>Removes it and what is below it. Nothing happens where it is gone already.</summary>
    /// <exception cref="SyscallException">EBUSY where processes are left.</exception>
    void Remove();
}
