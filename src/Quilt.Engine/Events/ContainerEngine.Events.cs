using System.Runtime.CompilerServices;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const int EventsAtOnce = 256;

    /// <summary>The youngest event's cursor.</summary>
    public long LastEvent => EventRows.LastCursor(_database);

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
}
