using System.Collections.Concurrent;
using System.Diagnostics;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>
/// Hears that containers come to their limits: from the kernel where it tells, and by looking at each every few seconds for what it
/// does not (v1: processes; v2: memory before its limit is reached). One thread for all, so that the slow registering of v1, which
/// waits for every CPU, holds up nobody who starts a container.
/// </summary>
internal sealed class LimitWatches : IDisposable
{
    private const ulong WakeToken = 0, NoticesToken = 1;

    /// <summary>Most containers that end soon never have to be registered.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500), Rounds = TimeSpan.FromSeconds(5);
    private readonly Action<Exception> _failed;
    private readonly EventPoll _poll = new();
    private readonly EventCounter _wake = new();
    private readonly ConcurrentQueue<(LimitWatch Watch, bool Begins)> _changes = new();
    private readonly Thread _thread;
    private readonly Dictionary<LimitWatch, TimeSpan> _waiting = [];
    private readonly HashSet<LimitWatch> _all = [];
    private readonly Dictionary<int, LimitWatch> _byFile = [];
    private readonly Dictionary<ulong, LimitWatch> _byToken = [];
    private FileNotices? _notices;
    private ulong _lastToken = NoticesToken;
    private volatile bool _ending;

    /// <param name="failed">Is told where the kernel gives no more of what it tells by; the rounds go on.</param>
    internal LimitWatches(Action<Exception> failed)
    {
        _failed = failed;
        _poll.Watch(_wake.File, EventKind.Readable, WakeToken);
        _thread = new Thread(Run) { IsBackground = true, Name = "limits" };
        _thread.Start();
    }

    internal void Begin(LimitWatch watch) => Change(watch, begins: true);

    internal void End(LimitWatch watch) => Change(watch, begins: false);

    public void Dispose()
    {
        lock (_changes)
        {
            _ending = true;
            _wake.Raise();
        }

        _thread.Join();
        foreach (LimitWatch watch in _all.ToArray())
        {
            Remove(watch);
        }

        _notices?.Dispose();
        _wake.Dispose();
        _poll.Dispose();
    }

    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    private void Change(LimitWatch watch, bool begins)
    {
        lock (_changes)
        {
            if (!_ending)
            {
                _changes.Enqueue((watch, begins));
                _wake.Raise();
            }
        }
    }

    private void Run()
    {
        TimeSpan round = Now + Rounds;
        while (!_ending)
        {
            // What is due next: a registration, or the round; nothing where there is no container.
            TimeSpan? due = _all.Count == 0 ? null : _waiting.Values.Append(round).Min() - Now;
            Hear(_poll.Wait(due is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, Rounds.TotalMilliseconds) : -1));
            while (_changes.TryDequeue(out (LimitWatch Watch, bool Begins) change))
            {
                if (change.Begins)
                {
                    _all.Add(change.Watch);
                    _waiting[change.Watch] = Now + Patience;
                }
                else
                {
                    Remove(change.Watch);
                }
            }

            // One at a time: what is heard meanwhile is not kept waiting for all of them.
            if (_waiting.FirstOrDefault(w => w.Value <= Now).Key is { } ready)
            {
                _waiting.Remove(ready);
                Try(() => Register(ready));
                Look(ready);
            }

            if (Now >= round)
            {
                round = Now + Rounds;
                foreach (LimitWatch watch in _all)
                {
                    Look(watch);
                }
            }
        }
    }

    private void Hear(int count)
    {
        HashSet<LimitWatch> heard = [];
        for (int i = 0; i < count; i++)
        {
            ulong token = _poll[i].Token;
            if (token == WakeToken)
            {
                _wake.Take();
            }
            else if (token == NoticesToken)
            {
                IReadOnlyList<int>? files = _notices!.Take();
                heard.UnionWith(files is null ? _all : files.Where(_byFile.ContainsKey).Select(f => _byFile[f]));
            }
            else if (_byToken.TryGetValue(token, out LimitWatch? watch))
            {
                watch.Counter!.Take();
                heard.Add(watch);
            }
        }

        foreach (LimitWatch watch in heard)
        {
            Look(watch);
        }
    }

    private static void Look(LimitWatch watch) => watch.Look(Now);

    private void Register(LimitWatch watch)
    {
        foreach (string file in watch.Group.NotifyingFiles)
        {
            if (_notices is null)
            {
                _notices = new FileNotices();
                _poll.Watch(_notices.File, EventKind.Readable, NoticesToken);
            }

            if (_notices.TryWatch(file) is { } number)
            {
                watch.Files.Add(number);
                _byFile[number] = watch;
            }
        }

        EventCounter counter = new();
        if (!watch.Group.TryNotify(counter, watch.MemoryBounds))
        {
            counter.Dispose();
            return;
        }

        (watch.Counter, watch.Token) = (counter, ++_lastToken);
        _byToken[watch.Token] = watch;
        _poll.Watch(counter.File, EventKind.Readable, watch.Token);
    }

    private void Remove(LimitWatch watch)
    {
        _all.Remove(watch);
        _waiting.Remove(watch);
        foreach (int file in watch.Files)
        {
            _byFile.Remove(file);
            _notices!.Forget(file);
        }

        watch.Files.Clear();
        if (watch.Counter is { } counter)
        {
            _byToken.Remove(watch.Token);
            _poll.Forget(counter.File);
            counter.Dispose();
            watch.Counter = null;
        }
    }

    private void Try(Action register)
    {
        try
        {
            register();
        }
        catch (SyscallException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ENODEV)
        {
            // The group is gone: its end is on its way here.
        }
        catch (SyscallException e)
        {
            _failed(e);
        }
    }
}
