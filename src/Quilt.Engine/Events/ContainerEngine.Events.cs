using Quilt.Core;
using Quilt.Storage;
using System.Runtime.CompilerServices;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const int EventsAtOnce = 256;

    /// <summary>The youngest event's cursor.</summary>
    public long LastEvent => EventRows.LastCursor(_database);

    /// <summary>The youngest of a container's, oldest first.</summary>
    public IReadOnlyList<EngineEvent> LastEvents(ContainerId container, int count) => EventRows.ReadLast(_database, container.Value, count);

    /// <summary>Tells of something that is no container's own.</summary>
    /// <param name="agent">Whom it concerns, by its id.</param>
    public void Tell(string type, string agent, params (string Name, string Value)[] attributes) => Tell(_ => { }, type, agent, attributes);

    /// <summary>Writes something down and tells of it: both or neither.</summary>
    /// <exception cref="QuiltException">ResourceExhausted: the disk is full, and nothing has changed.</exception>
    public void Tell(Action<Database.Writer> write, string type, string agent, params (string Name, string Value)[] attributes)
    {
        _database.Write(writer =>
        {
            write(writer);
            writer.Append(DateTimeOffset.UtcNow, type, null, agent, attributes);
        });
        _events.Beat();
    }

    /// <summary>What has happened after a cursor, in order and without gaps. However slow its reader is, it holds one page: the database is the buffer.</summary>
    /// <param name="container">An id; null is everything.</param>
    /// <param name="follow">Goes on with what happens from now on.</param>
    public async IAsyncEnumerable<EngineEvent> EventsAsync(long after, string? container, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            Task next = _events.Next;
            List<EngineEvent> page = EventRows.ReadAfter(_database, after, container, EventsAtOnce);
            foreach (EngineEvent happened in page)
            {
                yield return happened;
                after = happened.Cursor;
            }

            if (page.Count == EventsAtOnce)
            {
                continue;
            }

            if (!follow)
            {
                yield break;
            }

            await next.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Of a span of time alone. Following ends where that does.</summary>
    /// <param name="since">Null: from the first after the cursor on.</param>
    /// <param name="until">Null: without an end.</param>
    public async IAsyncEnumerable<EngineEvent> EventsAsync(
        long after, string? container, bool follow, DateTimeOffset? since, DateTimeOffset? until, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (bool more = true; more;)
        {
            using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            TimeSpan left = until is { } end ? end - DateTimeOffset.UtcNow : Timeout.InfiniteTimeSpan;
            more = follow &= until is null || left > TimeSpan.Zero;
            if (follow && until is not null)
            {
                over.CancelAfter(TimerSpan.Of(left));
            }

            await using IAsyncEnumerator<EngineEvent> events = EventsAsync(after, container, follow, over.Token).GetAsyncEnumerator(CancellationToken.None);
            while (await NextAsync(events, cancellation).ConfigureAwait(false))
            {
                after = events.Current.Cursor;
                if (!(events.Current.Time < since) && !(events.Current.Time > until))
                {
                    yield return events.Current;
                }
            }
        }
    }

    /// <returns>False at the end, also where that is the span's.</returns>
    private static async Task<bool> NextAsync(IAsyncEnumerator<EngineEvent> events, CancellationToken cancellation)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
