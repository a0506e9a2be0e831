using System.Runtime.CompilerServices;
using Quilt.Core;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>Reads a log's lines, and goes on as it grows. However slow its reader is, it holds one line: the files are the buffer.</summary>
internal static class LogFollower
{
    /// <param name="open">Follows the log at its shim; null where nothing writes to it any more.</param>
    internal static async IAsyncEnumerable<LogEntry> ReadAsync(
        string folder, LogQuery query, Func<CancellationToken, Task<ShimConnection?>> open, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using LogReader reader = new(folder) { Position = query.After ?? default };

        // Connected before the first look: what is written in between is told.
        using ShimConnection? growth = query.Follow ? await open(cancellation).ConfigureAwait(false) : null;
        foreach (LogEntry entry in Present(reader, query, folder))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return entry;
        }

        bool ended = growth is null;
        while (!ended)
        {
            ended = await growth!.ReadAsync(cancellation).ConfigureAwait(false) is not { Kind: FrameKind.LogAdvanced };
            foreach (LogEntry entry in reader.Read().Where(query.Matches))
            {
                yield return entry;
            }

            ended |= query.Until is { } until && DateTimeOffset.UtcNow > until;
        }
    }

    private static IEnumerable<LogEntry> Present(LogReader reader, LogQuery query, string folder)
    {
        if (query.Tail is not { } tail)
        {
            return reader.Read().Where(query.Matches);
        }

        if (tail == 0)
        {
            foreach (LogEntry _ in reader.Read())
            {
                // To the end.
            }

            return [];
        }

        return Last(reader, query, folder, tail);
    }

    /// <summary>From the youngest file back, until there are enough.</summary>
    private static Queue<LogEntry> Last(LogReader reader, LogQuery query, string folder, int tail)
    {
        foreach (long first in LogRecordHeader.Files(folder).Reverse())
        {
            LogCursor start = new(first, 0, 0);
            bool whole = query.After is { } after && after.File >= first;
            reader.Position = whole ? query.After!.Value : start;
            Queue<LogEntry> last = new();
            foreach (LogEntry entry in reader.Read().Where(query.Matches))
            {
                last.Enqueue(entry);
                if (last.Count > tail + 1)
                {
                    last.Dequeue();
                }
            }

            // A file's first line may have begun in the one before: one more than asked for shows that it is not among them.
            if (whole || last.Count > tail)
            {
                return new Queue<LogEntry>(last.TakeLast(tail));
            }
        }

        reader.Position = query.After ?? default;
        return new Queue<LogEntry>(reader.Read().Where(query.Matches).TakeLast(tail));
    }
}
