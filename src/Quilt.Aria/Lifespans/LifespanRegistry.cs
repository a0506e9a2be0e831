using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>
/// The sessions and tasks, and their ends: by a call, by their time, or by the grace of one whose client has vanished. An end is
/// written down before its first act and finished by whichever daemon lives to do it; it is told once.
/// </summary>
public sealed partial class LifespanRegistry : IAsyncDisposable
{
    // Of each agent, so that nobody's many push out another's.
    private const int MostOpen = 1000, EndedKept = 200;
    private readonly ContainerEngine _engine;
    private readonly Cleanup _cleanup;
    private readonly ILogger _logger;
    private readonly Lock _beginning = new(), _lock = new();
    private readonly Dictionary<string, LiveLifespan> _all = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _disposed = new();

    internal LifespanRegistry(ContainerEngine engine, Cleanup cleanup, ILogger<LifespanRegistry> logger)
    {
        (_engine, _cleanup, _logger) = (engine, cleanup, logger);
        foreach (Lifespan record in LifespanRows.ReadAll(engine.Database))
        {
            _all.Add(record.Id, new LiveLifespan(record));
        }
    }

    /// <summary>Goes on where the daemon before ended: its connections are gone, and ends that it had begun are finished.</summary>
    internal void Resume()
    {
        foreach (LiveLifespan live in Live())
        {
            if (live.Record.State == LifespanState.Ending)
            {
                _ = End(live);
            }
            else if (live.Record is { OfConnection: true, State: LifespanState.Active })
            {
                Orphan(live);
            }
            else
            {
                Arm(live);
            }
        }
    }

    /// <exception cref="QuiltException">FailedPrecondition: its session ends; ResourceExhausted: its agent has too many.</exception>
    internal Lifespan Begin(Lifespan asked)
    {
        Lifespan lifespan = asked with { Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)) };
        using IDisposable inside = EnterAll(lifespan.Session.Length > 0 ? [lifespan.Session] : []);
        LiveLifespan live = new(lifespan);

        // A database that is held keeps those waiting who begin one, and nobody who is in one.
        lock (_beginning)
        {
            if (lifespan.Agent.Length > 0 && Live().Count(l => l.Record.IsOpen && l.Record.Agent == lifespan.Agent) >= MostOpen)
            {
                throw new QuiltException(ErrorCode.ResourceExhausted, $"{MostOpen} sessions and tasks of the agent are open", "end those that are done (endSession, endTask), or give them a ttl");
            }

            _engine.Tell(
                writer => writer.Put(lifespan), lifespan.Kind == LifespanKind.Session ? EventTypes.SessionBegan : EventTypes.TaskBegan, lifespan.Agent,
                (lifespan.Noun, lifespan.Id), ("name", lifespan.Name));
            lock (_lock)
            {
                _all.Add(lifespan.Id, live);
            }
        }

        Arm(live);
        return lifespan;
    }

    public IReadOnlyList<Lifespan> All() => [.. Live().Select(l => l.Record)];

    /// <summary>The one that a caller means: by id, or by name, its own before those of agents below; where none of that name are open, the last that was.</summary>
    /// <param name="agent">The caller's id.</param>
    /// <exception cref="QuiltException">NotFound, also where it is another's; InvalidArgument: the name is of several.</exception>
    internal Lifespan Find(string key, LifespanKind kind, string agent, Func<Lifespan, bool> mayUse)
    {
        Lifespan[] mine = [.. All().Where(l => l.Kind == kind && mayUse(l))];
        string noun = kind == LifespanKind.Session ? "session" : "task";
        ILookup<bool, Lifespan> named = mine.Where(l => l.Name == key && key.Length > 0).ToLookup(l => l.Agent == agent);
        return mine.FirstOrDefault(l => l.Id == key) ?? TryLast(named[true]) ?? TryLast(named[false])
            ?? throw new QuiltException(ErrorCode.NotFound, $"there is no {noun} '{key}'", $"list the {noun}s, or begin one", noun);

        Lifespan? TryLast(IEnumerable<Lifespan> among) => among.Where(l => l.State != LifespanState.Ended).Take(2).ToArray() switch
        {
            [] => among.MaxBy(l => l.EndedAt),
            [var open] => open,
            _ => throw QuiltException.Invalid(noun, $"several {noun}s are named '{key}'", "give the id"),
        };
    }

    /// <summary>Something is called in it: it is no orphan, and until the call is done not idle.</summary>
    internal IDisposable? Use(string id)
    {
        if (TryGet(id) is not { } live)
        {
            return null;
        }

        Call call = new(this, live);
        Renew(live, isFound: true);
        return call;
    }

    /// <param name="isFound">Whoever had lost it is back.</param>
    private void Renew(LiveLifespan live, bool isFound)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Lifespan record = live.Record;
        bool fresh = record.IdleTimeout is not { } idle || now - record.UsedAt < idle / 10;
        if (fresh && !(isFound && record.State == LifespanState.Orphaned))
        {
            return;
        }

        // A full disk keeps nobody from reading: what is not written is known until the daemon ends.
        if (live.Change(
            r => !r.IsOpen ? null : isFound ? r with { UsedAt = now, State = LifespanState.Active, OrphanedAt = null } : r with { UsedAt = now },
            changed => _engine.Database.TryWrite(writer => writer.Put(changed))))
        {
            Arm(live);
        }
    }

    /// <summary>Keeps them from ending while something is made in them.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: one ends, or has ended.</exception>
    internal IDisposable EnterAll(IEnumerable<string> ids)
    {
        Inside inside = new();
        foreach (string id in ids)
        {
            if (TryGet(id) is not { } live || !live.TryEnter())
            {
                inside.Dispose();
                throw new QuiltException(ErrorCode.FailedPrecondition, $"the {Noun(id)} '{id}' has ended, or is ending", "begin another session or task", Noun(id));
            }

            inside.Add(live);
        }

        return inside;
    }

    /// <summary>It neither has ended nor is ending.</summary>
    public bool IsOpen(string id) => TryGet(id)?.Record.IsOpen ?? false;

    /// <summary>Its client is gone without a word.</summary>
    public void Vanish(string id)
    {
        if (TryGet(id) is { } live)
        {
            Orphan(live);
        }
    }

    /// <summary>Ends it and takes away what was to live as long; done once, however often it is asked for.</summary>
    /// <param name="cancellation">Of waiting for it: the end goes on.</param>
    public async Task<Lifespan> EndAsync(string id, CancellationToken cancellation = default)
    {
        LiveLifespan live = TryGet(id) ?? throw new QuiltException(ErrorCode.NotFound, $"there is no session or task '{id}'", "list them", "session");
        await End(live).WaitAsync(cancellation).ConfigureAwait(false);
        return live.Record;
    }

    internal void Forget(Agent agent)
    {
        lock (_lock)
        {
            foreach (LiveLifespan live in _all.Values.Where(l => l.Record.Agent == agent.Id).ToArray())
            {
                live.Clock?.Dispose();
                _all.Remove(live.Record.Id);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        foreach (LiveLifespan live in Live())
        {
            live.Clock?.Dispose();
            if (live.End is { } end)
            {
                await end.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        _disposed.Dispose();
    }

    private void Orphan(LiveLifespan live)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        live.Change(
            r => r.State == LifespanState.Active ? r with { State = LifespanState.Orphaned, OrphanedAt = now } : null,
            changed => _engine.Tell(
                writer => writer.Put(changed), EventTypes.OrphanDetected, changed.Agent, (changed.Noun, changed.Id), ("endsAt", (now + changed.OrphanGrace).ToString("O"))));
        Arm(live);
    }

    private Task End(LiveLifespan live)
    {
        lock (live)
        {
            // One that failed is tried again by whoever asks again.
            live.End = live.End is { IsFaulted: true } ? null : live.End;
            return live.End ??= live.Record.State == LifespanState.Ended ? Task.CompletedTask : Task.Run(() => EndAsync(live));
        }
    }

    private async Task EndAsync(LiveLifespan live)
    {
        await CloseAsync(live).ConfigureAwait(false);

        // A session's tasks go with it, and all that they have in one order. Listed when none can be begun in it any more.
        LiveLifespan[] tasks = [.. live.Record.Kind == LifespanKind.Session ? Live().Where(l => l.Record.Kind == LifespanKind.Task && l.Record.Session == live.Record.Id) : []];
        foreach (LiveLifespan task in tasks)
        {
            await CloseAsync(task).ConfigureAwait(false);
        }

        LiveLifespan[] going = [live, .. tasks];
        LiveLifespan[] open = [.. going.Where(g => g.Record.State == LifespanState.Ending)];
        CleanupReport report = await _cleanup.RunAsync([.. open.Select(g => g.Record)], _disposed.Token).ConfigureAwait(false);
        foreach (LiveLifespan each in open.Reverse())
        {
            await KeepTryingAsync(() => each.Change(
                r => r.State == LifespanState.Ending ? r with { State = LifespanState.Ended, EndedAt = DateTimeOffset.UtcNow, Report = report } : null,
                changed => _engine.Tell(
                    writer => writer.Put(changed), changed.Kind == LifespanKind.Session ? EventTypes.SessionEnded : EventTypes.TaskEnded, changed.Agent,
                    (changed.Noun, changed.Id), ("containers", report.Containers.Count.ToString(System.Globalization.CultureInfo.InvariantCulture))))).ConfigureAwait(false);
        }

        Trim(live.Record.Agent);
    }

    /// <summary>Nothing begins in it any more, and what was about to has.</summary>
    private async Task CloseAsync(LiveLifespan live)
    {
        live.Clock?.Dispose();
        await KeepTryingAsync(() => live.Change(
            r => r.IsOpen ? r with { State = LifespanState.Ending } : null,
            changed => _engine.Tell(writer => writer.Put(changed), changed.Kind == LifespanKind.Session ? EventTypes.SessionEnding : EventTypes.TaskEnding, changed.Agent, (changed.Noun, changed.Id)))).ConfigureAwait(false);
        await live.WhenEmpty.WaitAsync(_disposed.Token).ConfigureAwait(false);
    }

    /// <summary>A full disk makes an end wait, and nothing that was to end stays for it.</summary>
    private Task KeepTryingAsync(Action act) => Cleanup.UntilDoneAsync(act, LogTryingAgain, _disposed.Token);

    /// <summary>Sets its clock to the next thing that was declared.</summary>
    private void Arm(LiveLifespan live)
    {
        live.Clock?.Dispose();
        if (live.Record is { IsOpen: true, Deadline: { } deadline } && !_disposed.IsCancellationRequested)
        {
            live.Clock = new Alarm(deadline, () => OnDeadline(live));
        }
    }

    private void OnDeadline(LiveLifespan live)
    {
        if (live.IsInUse)
        {
            Renew(live, isFound: false);
        }

        if (live.Record.Deadline <= DateTimeOffset.UtcNow)
        {
            _ = End(live);
        }
        else
        {
            Arm(live); // it was used meanwhile
        }
    }

    /// <summary>Those that ended long ago are nobody's any more.</summary>
    private void Trim(string agent)
    {
        lock (_lock)
        {
            foreach (LiveLifespan old in _all.Values.Where(l => l.Record.State == LifespanState.Ended && l.Record.Agent == agent).OrderByDescending(l => l.Record.EndedAt).Skip(EndedKept).ToArray())
            {
                _engine.Database.Write(writer => writer.Delete(old.Record));
                _all.Remove(old.Record.Id);
            }
        }
    }

    internal LiveLifespan? TryGet(string id)
    {
        lock (_lock)
        {
            return _all.GetValueOrDefault(id);
        }
    }

    private string Noun(string id) => TryGet(id)?.Record.Noun ?? "session";

    private LiveLifespan[] Live()
    {
        lock (_lock)
        {
            return [.. _all.Values];
        }
    }

    [LoggerMessage(EventId = 60, Level = LogLevel.Warning, Message = "the end of a session or task could not be written down, and is tried again")]
    private partial void LogTryingAgain(Exception failure);

    /// <summary>One that is under way in a session.</summary>
    private sealed class Call : IDisposable
    {
        private readonly LifespanRegistry _registry;
        private readonly LiveLifespan _live;

        internal Call(LifespanRegistry registry, LiveLifespan live)
        {
            (_registry, _live) = (registry, live);
            live.BeginCall();
        }

        public void Dispose()
        {
            _live.EndCall();
            _registry.Renew(_live, isFound: false);
        }
    }

    private sealed class Inside : IDisposable
    {
        private readonly List<LiveLifespan> _entered = [];

        internal void Add(LiveLifespan live) => _entered.Add(live);

        public void Dispose()
        {
            _entered.ForEach(l => l.Leave());
            _entered.Clear();
        }
    }
}
