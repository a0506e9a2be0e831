namespace Quilt.Cognition;

/// <summary>A table while it is read: every row goes into the text, and into the list of tables for as long as there is room.</summary>
internal sealed class DocumentTableBuilder(DocumentText text, string? name)
{
    private readonly List<IReadOnlyList<string>> _rows = [];
    private bool _truncated;

    public void Row(IReadOnlyList<string> cells)
    {
        if (!_truncated && text.TryTakeCells(cells))
        {
            _rows.Add([.. cells.Select(DocumentText.Cell)]);
        }
        else
        {
            _truncated = true;
        }

        for (int i = 0; i < cells.Count; i++)
        {
            text.Append(i == 0 ? "" : "\t");
            text.Append(cells[i].ReplaceLineEndings(" "));
        }

        text.Append("\n");
    }

    /// <summary>The table is complete, or reading stopped in it.</summary>
    public void End()
    {
        if (_rows.Count > 0)
        {
            text.Keep(new DocumentTable { Name = name, Rows = _rows, Truncated = _truncated || text.IsFull });
        }
    }
}
