using System.Text;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>A line that a container's command wrote.</summary>
/// <param name="Stream"><c>stdout</c> or <c>stderr</c>.</param>
/// <param name="Bytes">As written, with its newline where it had one.</param>
/// <param name="Cursor">To go on after it.</param>
public sealed record LogEntry(DateTimeOffset Time, string Stream, ReadOnlyMemory<byte> Bytes, string Cursor)
{
    /// <summary>Without its newline; what is not UTF-8 is U+FFFD.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes.Span).TrimEnd('\n');

    internal static LogEntry Of(Wire.LogLine line) => new(line.Time?.ToDateTimeOffset() ?? default, line.Stream, line.Data.Memory, line.Cursor);
}
