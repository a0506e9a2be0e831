using Quilt.Launch.Child;
using Quilt.Launch.Native;
using Quilt.Linux;

namespace Quilt.Launch.Parent;

/// <summary>A group's ways in, open for the child that is about to be cloned: it begins in the unified one and joins the others itself.</summary>
internal sealed class CgroupEntry : IDisposable
{
    private readonly IReadOnlyList<FileDescriptor> _joins = [];

    /// <param name="cgroup">Null leaves the child in the caller's groups.</param>
    internal CgroupEntry(ICgroup? cgroup)
    {
        try
        {
            Folder = cgroup?.OpenForClone();
            _joins = cgroup?.OpenForJoin() ?? _joins;
        }
        catch (SyscallException e)
        {
            Folder?.Dispose();
            throw new LaunchException(LaunchStage.Cgroup, e.Errno, $"open the container's group ({e.Call})", e);
        }
    }

    internal FileDescriptor? Folder { get; }

    internal unsafe void Encode(NativeArena arena, ChildProgram* program)
    {
        program->Cgroups = arena.Allocate<int>(Math.Max(1, _joins.Count));
        program->CgroupCount = _joins.Count;
        for (int i = 0; i < _joins.Count; i++)
        {
            program->Cgroups[i] = _joins[i].Number;
        }
    }

    public void Dispose()
    {
        Folder?.Dispose();
        foreach (FileDescriptor join in _joins)
        {
            join.Dispose();
        }
    }
}
