using Quilt.Linux;

namespace Quilt.Shim;

/// <summary>One file in the loop. To be disposed before the file is closed.</summary>
internal sealed class FileWatch(EventLoop loop, FileDescriptor file, ulong token, EventKind kinds, Action<EventKind> onEvent) : IDisposable
{
    internal FileDescriptor File => file;
    internal ulong Token => token;
    internal Action<EventKind> OnEvent => onEvent;

    /// <summary>What is waited for. An end that has come is reported even with none: dispose the watch then.</summary>
    internal EventKind Kinds
    {
        get => kinds;
        set
        {
            if (kinds != value)
            {
                kinds = value;
                loop.Change(this);
            }
        }
    }

    public void Dispose() => loop.Forget(this);
}
