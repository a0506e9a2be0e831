using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Aria;

/// <summary>Lines for a model: as many as fit, and the place where the rest begins.</summary>
internal sealed class BoundedLines(string cursor)
{
    private const int MostBytes = 64 << 10, LongestLine = 64 << 10;
    private readonly List<LogLineView> _lines = [];
    private int _bytes;

    internal IReadOnlyList<LogLineView> Lines => _lines;
    internal string Cursor { get; private set; } = cursor;
    internal bool Truncated { get; private set; }

    /// <returns>False where it does not fit any more.</returns>
    internal bool TryAdd(LogEntry entry)
    {
        int length = Math.Min(entry.Data.Length, LongestLine);
        if (_lines.Count == ContainerEngine.OutputLinesAtOnce || (_lines.Count > 0 && _bytes + length > MostBytes)) // a short line's time and stream are longer than its text
        {
            Truncated = true;
            return false;
        }

        LogLineView line = LogLineView.Of(entry.Data.Length > LongestLine ? entry with { Data = entry.Data[..LongestLine] } : entry);
        _lines.Add(entry.Data.Length > LongestLine ? line with { Text = $"{line.Text}[... {entry.Data.Length - LongestLine} bytes of this line left out ...]" } : line);
        (_bytes, Cursor) = (_bytes + length, entry.Next.ToString());
        return true;
    }
}
