using Quilt.Launch.Child;
using Quilt.Launch.Native;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch.Parent;

/// <summary>A group's ways in for the child that is about to be cloned: it begins in the unified one and joins the others itself.</summary>
internal sealed class CgroupEntry : IDisposable
{
    private readonly ICgroup? _cgroup;
    private bool _complete;

    private CgroupEntry(ICgroup? cgroup) => _cgroup = cgroup;

    internal FileDescriptor? Folder { get; private set; }

    /// <summary>What the child joins by.</summary>
    internal IReadOnlyList<FileDescriptor> Joins { get; private set; } = [];

    /// <param name="cgroup">One that stands; null leaves the child in the caller's groups.</param>
    internal static CgroupEntry Existing(ICgroup? cgroup) => Guarded(new CgroupEntry(cgroup), "open the container's group", entry =>
    {
        entry.Folder = cgroup?.OpenForClone();
        entry.Joins = cgroup?.OpenForJoin() ?? [];
    });

    /// <param name="cgroup">One to be made: as much as the clone needs at once, the rest by <see cref="Complete"/>.</param>
    internal static CgroupEntry New(ICgroup? cgroup) => Guarded(new CgroupEntry(cgroup), "make the container's group", entry => entry.Folder = cgroup?.CreateForClone());

    /// <param name="cgroup">One that the child is moved into after the clone.</param>
    internal static CgroupEntry Later(ICgroup? cgroup) => new(cgroup);

    /// <summary>Makes the rest of it and sets its limits, once.</summary>
    internal void Complete(OciLinux linux)
    {
        if (_cgroup is not { } cgroup || _complete)
        {
            return;
        }

        Guarded(this, "set the container's limits", entry =>
        {
            cgroup.Create();
            cgroup.Apply((linux.Resources ?? new OciResources()) with { Devices = DeviceRules.Of(linux) });
            entry.Joins = cgroup.OpenForJoin();
            entry._complete = true;
        });
    }

    /// <exception cref="LaunchException">There is none for another process.</exception>
    internal void RequireRoom()
    {
        if (_cgroup is { IsFull: true })
        {
            throw new LaunchException(LaunchStage.Clone, Errno.EAGAIN, "join the container's group");
        }
    }

    /// <summary>For a child to which the files are open already when it is cloned.</summary>
    internal unsafe void Encode(NativeArena arena, ChildProgram* program)
    {
        program->Cgroups = arena.Allocate<int>(Math.Max(1, Joins.Count));
        program->CgroupCount = Joins.Count;
        for (int i = 0; i < Joins.Count; i++)
        {
            program->Cgroups[i] = Joins[i].Number;
        }
    }

    private static CgroupEntry Guarded(CgroupEntry entry, string what, Action<CgroupEntry> action)
    {
        try
        {
            action(entry);
            return entry;
        }
        catch (SyscallException e)
        {
            entry.Dispose();
            throw new LaunchException(LaunchStage.Cgroup, e.Errno, $"{what} ({e.Message})", e);
        }
    }

    public void Dispose()
    {
        Folder?.Dispose();
        foreach (FileDescriptor join in Joins)
        {
            join.Dispose();
        }
    }
}
