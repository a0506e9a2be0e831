using Quilt.Linux;

namespace Quilt.Shim;

/// <summary>The shim's one thread: waits for files and calls who watches them.</summary>
internal sealed class EventLoop : IDisposable
{
    private readonly EventPoll _poll = new();
    private readonly Dictionary<ulong, FileWatch> _watches = [];
    private ulong _lastToken;

    /// <summary>Calls <paramref name="onEvent"/> whenever one of the kinds holds, until the watch is disposed.</summary>
    internal FileWatch Watch(FileDescriptor file, EventKind kinds, Action<EventKind> onEvent)
    {
        ulong token = ++_lastToken;
        _poll.Watch(file, kinds, token);
        FileWatch watch = new(this, file, token, kinds, onEvent);
        _watches.Add(token, watch);
        return watch;
    }

    internal void Run(Func<bool> finished)
    {
        while (!finished())
        {
            int count = _poll.Wait(-1);
            for (int i = 0; i < count; i++)
            {
                (ulong token, EventKind kinds) = _poll[i];

                // Gone where an earlier event of this batch has ended it.
                if (_watches.TryGetValue(token, out FileWatch? watch))
                {
                    watch.OnEvent(kinds);
                }
            }
        }
    }

    internal void Change(FileWatch watch) => _poll.Change(watch.File, watch.Kinds, watch.Token);

    internal void Forget(FileWatch watch)
    {
        if (_watches.Remove(watch.Token))
        {
            _poll.Forget(watch.File);
        }
    }

    public void Dispose() => _poll.Dispose();
}
