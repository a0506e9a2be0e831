using System.Text;

namespace Quilt.Cognition;

/// <summary>
/// Collects what a format's reader finds: the wanted window of the text, and bounded lists of the rest. Positions count the whole text.
/// A reader stops where <see cref="IsFull"/>.
/// </summary>
/// <param name="offset">The window's begin, characters.</param>
/// <param name="maxChars">The window's length, characters.</param>
internal sealed class DocumentText(int offset, int maxChars)
{
    private const int MaxSections = 2_000, MaxTitle = 300, MaxTables = 200, MaxCells = 10_000, MaxCell = 2_000, MaxMetadata = 64, MaxValue = 1_000, MaxWarnings = 20;

    private readonly StringBuilder _text = new();
    private readonly List<DocumentSection> _sections = [];
    private readonly List<DocumentTable> _tables = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];
    private readonly long _end = (long)offset + maxChars;
    private long _position;
    private int _cellsLeft = MaxCells, _cellCharsLeft = maxChars;
    private char _last = '\n';
    private bool _space;

    /// <summary>The window is behind us: nothing more of the text is wanted.</summary>
    public bool IsFull => _position > _end;

    /// <summary>Whether what comes now is in the window.</summary>
    private bool IsInWindow => _position >= offset && _position < _end;

    public void Append(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (_space)
        {
            _space = false;
            if (!char.IsWhiteSpace(_last))
            {
                Append(" ");
            }
        }

        _last = text[^1];
        long from = Math.Max(offset - _position, 0), to = Math.Min(_end - _position, text.Length);
        if (from < to)
        {
            _text.Append(text[(int)from..(int)to]);
        }

        _position += text.Length;
    }

    public void AppendLine(ReadOnlySpan<char> text)
    {
        Append(text);
        Append("\n");
    }

    /// <summary>Ends the line where one is begun.</summary>
    public void EndLine()
    {
        _space = false;
        if (_last != '\n')
        {
            Append("\n");
        }
    }

    /// <summary>A space before what comes next in the line, where none is there.</summary>
    public void Space() => _space = true;

    /// <summary>A place that begins here.</summary>
    /// <param name="kind">heading, page, sheet or slide.</param>
    public void Section(string kind, int level, string title)
    {
        if (_sections.Count < MaxSections && _position < int.MaxValue)
        {
            _sections.Add(new DocumentSection { Kind = kind, Level = level, Title = Bounded(title, MaxTitle), Offset = (int)_position });
        }
        else
        {
            Warn($"sections after the first {MaxSections} are left out");
        }
    }

    /// <summary>Begins a table; its rows are added by <see cref="DocumentTableBuilder.Row"/>, which writes them into the text too.</summary>
    public DocumentTableBuilder Table(string? name) => new(this, name);

    public void Metadata(string name, string? value)
    {
        if (!string.IsNullOrWhiteSpace(value) && _metadata.Count < MaxMetadata)
        {
            _metadata[name] = Bounded(value.Trim(), MaxValue);
        }
    }

    public void Warn(string warning)
    {
        if (_warnings.Count < MaxWarnings && !_warnings.Contains(warning))
        {
            _warnings.Add(Bounded(warning, MaxTitle));
        }
    }

    public ParseDocumentResult Result(string format)
    {
        bool more = _position > _end;
        if (more && _text.Length > 0 && char.IsHighSurrogate(_text[^1]))
        {
            _text.Length--; // the other half comes with the next part
        }

        return new ParseDocumentResult
        {
            Format = format,
            Text = _text.ToString(),
            NextOffset = more ? (int)Math.Min(offset + (long)_text.Length, int.MaxValue) : null,
            Sections = _sections,
            Tables = _tables,
            Metadata = _metadata,
            Warnings = _warnings,
        };
    }

    /// <summary>Whether a row may be kept as cells too.</summary>
    internal bool TryTakeCells(IReadOnlyList<string> row)
    {
        int chars = row.Sum(c => Math.Min(c.Length, MaxCell));
        if (!IsInWindow || _cellsLeft < row.Count || _cellCharsLeft < chars)
        {
            return false;
        }

        _cellsLeft -= row.Count;
        _cellCharsLeft -= chars;
        return true;
    }

    internal void Keep(DocumentTable table)
    {
        if (_tables.Count < MaxTables)
        {
            _tables.Add(table);
        }
        else
        {
            Warn($"tables after the first {MaxTables} are in the text alone");
        }
    }

    internal static string Cell(string text) => Bounded(text, MaxCell);

    private static string Bounded(string text, int limit) => text.Length > limit ? text[..limit] + "…" : text;
}
