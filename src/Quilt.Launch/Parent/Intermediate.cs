using Quilt.Launch.Child;
using Quilt.Launch.Native;
using Quilt.Linux;

namespace Quilt.Launch.Parent;

/// <summary>
/// The child that joins namespaces and clones into them whom it is all about. That one is a child of ours too, and to be reaped: until
/// then the container's first process cannot end (pid_namespaces(7)).
/// </summary>
internal sealed unsafe class Intermediate : IDisposable
{
    private readonly int _pid;
    private nint _page;
    private bool _isReaped;

    private Intermediate(int pid, FileDescriptor end, nint page) => (_pid, End, _page) = (pid, end, page);

    /// <summary>Readable when it has ended.</summary>
    internal FileDescriptor End { get; }

    /// <summary>Whom it has cloned, also where it could not say so; 0 is nobody, for certain once it is reaped.</summary>
    internal int Joined => Volatile.Read(ref *(int*)_page);

    internal static Intermediate Clone(NativeArena arena, ChildProgram* program, FileDescriptor? cgroup)
    {
        nint page = Sys.MapShared();
        try
        {
            program->Joined = (int*)page;
            program->JoinedStack = arena.Stack();
            ProgramBuilder.SetOwnArguments(program);
            (int pid, FileDescriptor end) = CloneCall.Clone(program, 0, cgroup);
            return new Intermediate(pid, end, page);
        }
        catch
        {
            Sys.UnmapShared(page);
            throw;
        }
    }

    internal void Kill()
    {
        if (!_isReaped)
        {
            Sys.PidFdSendSignal(End, Signals.Kill);
        }
    }

    /// <returns>False where it has not ended: never with <paramref name="wait"/>.</returns>
    internal bool TryReap(bool wait = false) => _isReaped = _isReaped || Sys.WaitId(_pid, wait) is not null;

    public void Dispose()
    {
        End.Dispose();
        if (_page != 0)
        {
            Sys.UnmapShared(_page);
            _page = 0;
        }
    }
}
