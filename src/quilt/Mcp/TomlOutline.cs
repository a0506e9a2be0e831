using System.Text;

namespace Quilt.Cli;

/// <summary>Where in a TOML document its tables and values stand (https://toml.io/en/v1.0.0). It reads what it needs for that, and judges no values.</summary>
internal sealed class TomlOutline
{
    private readonly List<TomlTable> _tables = [];
    private readonly List<TomlKey> _keys = [];

    private TomlOutline()
    {
    }

    /// <param name="End">Behind the last line of its keys.</param>
    internal sealed record TomlTable(string[] Path, int End);

    /// <summary>A value.</summary>
    /// <param name="IsTable">Whether it is a table in braces, whose own keys are listed too.</param>
    internal sealed record TomlKey(string[] Path, int Start, int End, bool IsTable, bool HoldsComment);

    /// <exception cref="FormatException">It is no TOML.</exception>
    internal static TomlOutline Of(string text)
    {
        TomlOutline outline = new();
        TomlReader reader = new(text);
        string[] table = [];
        while (reader.NextLine())
        {
            if (reader.Peek == '[')
            {
                table = reader.Header();
                outline._tables.Add(new TomlTable(table, reader.EndOfLine()));
            }
            else
            {
                outline.AddKey(reader, table);
                int end = reader.EndOfLine();
                if (outline._tables.Count > 0)
                {
                    outline._tables[^1] = outline._tables[^1] with { End = end };
                }
            }
        }

        return outline;
    }

    internal IReadOnlyList<TomlKey> Keys => _keys;

    internal TomlTable? Table(ReadOnlySpan<string> path)
    {
        foreach (TomlTable table in _tables)
        {
            if (path.SequenceEqual(table.Path))
            {
                return table;
            }
        }

        return null;
    }

    internal TomlKey? Key(ReadOnlySpan<string> path)
    {
        foreach (TomlKey key in _keys)
        {
            if (path.SequenceEqual(key.Path))
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>Whether anything is at this path or below it.</summary>
    internal bool Has(string[] path) =>
        _tables.Select(t => t.Path).Concat(_keys.Select(k => k.Path)).Any(p => p.Length >= path.Length && p.AsSpan(0, path.Length).SequenceEqual(path));

    /// <summary>Whether two values are the same but for blanks and the kind of quotes.</summary>
    internal static bool Same(string left, string right)
    {
        return Bare(left) == Bare(right);

        static string Bare(string value)
        {
            StringBuilder bare = new();
            char quote = '\0';
            for (int i = 0; i < value.Length; i++)
            {
                char c = value[i];
                if (quote == '\0' && c is '"' or '\'')
                {
                    // A literal one with a backslash would read as another in double quotes: it is no match.
                    quote = c;
                    bare.Append(c == '\'' && value.AsSpan(i).Contains('\\') ? '\'' : '"');
                }
                else if (c == quote && (c == '\'' || value[i - 1] != '\\'))
                {
                    quote = '\0';
                    bare.Append('"');
                }
                else if (quote != '\0' || !char.IsWhiteSpace(c))
                {
                    bare.Append(c);
                }
            }

            return bare.ToString();
        }
    }

    private void AddKey(TomlReader reader, string[] table)
    {
        string[] path = [.. table, .. reader.Key()];
        reader.Expect('=');
        bool isTable = reader.Peek == '{';
        int start = reader.Position, comments = reader.Comments;
        if (isTable)
        {
            reader.Expect('{');
            while (!reader.TryTake('}'))
            {
                AddKey(reader, path);
                reader.SkipBlanks(lines: true);
                if (!reader.TryTake(','))
                {
                    reader.SkipBlanks(lines: true);
                    reader.Expect('}');
                    break;
                }

                reader.SkipBlanks(lines: true);
            }
        }
        else
        {
            reader.SkipValue();
        }

        _keys.Add(new TomlKey(path, start, reader.Position, isTable, reader.Comments > comments));
    }
}
