using Quilt.Storage;
using System.Runtime.CompilerServices;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const int EventsAtOnce = 256;

    /// <summary>The youngest event's cursor.</summary>
    public long LastEvent => EventRows.LastCursor(_database);

    /// <summary>The youngest of a container's, oldest first.</summary>
    public IReadOnlyList<EngineEvent> LastEvents(Core.ContainerId container, int count) => EventRows.ReadLast(_database, container.Value, count);

    /// <summary>Tells of something that is no container's own.</summary>
    /// <param name="agent">Whom it concerns, by its id.</param>
    public void Tell(string type, string agent, params (string Name, string Value)[] attributes) => Tell(_ => { }, type, agent, attributes);

    /// <summary>Writes something down and tells of it: both or neither.</summary>
    /// <exception cref="Core.QuiltException">ResourceExhausted: the disk is full, and nothing has changed.</exception>
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
}
