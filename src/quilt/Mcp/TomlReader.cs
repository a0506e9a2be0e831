using System.Text;

namespace Quilt.Cli;

/// <summary>Goes over TOML's letters: keys, and over values without reading them.</summary>
internal sealed class TomlReader(string text)
{
    internal int Position { get; private set; }

    /// <summary>How many comments there were so far.</summary>
    internal int Comments { get; private set; }

    /// <summary>The next letter; 0 at the end.</summary>
    internal char Peek => Position < text.Length ? text[Position] : '\0';

    /// <summary>To the next line that has something; false at the end of the text.</summary>
    internal bool NextLine()
    {
        SkipBlanks(lines: true);
        return Position < text.Length;
    }

    /// <summary>A table's name, or an array of tables'.</summary>
    internal string[] Header()
    {
        Expect('[');
        bool isArray = TryTake('[');
        string[] key = Key();
        Expect(']');
        if (isArray)
        {
            Expect(']');
        }

        return key;
    }

    /// <summary>Nothing but a comment may come before it; the place behind it.</summary>
    internal int EndOfLine()
    {
        SkipBlanks(lines: false);
        if (Position < text.Length && Peek is not ('\n' or '\r'))
        {
            throw Malformed("the end of the line");
        }

        int end = text.IndexOf('\n', Position);
        return Position = end < 0 ? text.Length : end + 1;
    }

    /// <summary>Names with dots between them.</summary>
    internal string[] Key()
    {
        List<string> names = [];
        do
        {
            SkipBlanks(lines: false);
            names.Add(Peek is '"' or '\'' ? Quoted() : Bare());
            SkipBlanks(lines: false);
        }
        while (TryTake('.'));
        return [.. names];
    }

    internal void Expect(char wanted)
    {
        if (!TryTake(wanted))
        {
            throw Malformed($"'{wanted}'");
        }

        SkipBlanks(lines: false);
    }

    internal bool TryTake(char wanted)
    {
        if (Peek != wanted)
        {
            return false;
        }

        Position++;
        return true;
    }

    internal void SkipValue()
    {
        switch (Peek)
        {
            case '"' or '\'':
                Quoted();
                break;
            case '[' or '{':
                SkipNested();
                break;
            default:
                int start = Position;
                while (Position < text.Length && Peek is not (',' or ']' or '}' or '#' or '\n' or '\r'))
                {
                    Position++;
                }

                if (Position == start)
                {
                    throw Malformed("a value");
                }

                break;
        }
    }

    /// <param name="lines">Over ends of lines too.</param>
    internal void SkipBlanks(bool lines)
    {
        while (Position < text.Length)
        {
            if (Peek == '#')
            {
                Comments++;
                int end = text.IndexOf('\n', Position);
                Position = end < 0 ? text.Length : end;
            }
            else if (Peek is ' ' or '\t' or '\uFEFF' || (lines && Peek is '\r' or '\n'))
            {
                Position++;
            }
            else
            {
                return;
            }
        }
    }

    private void SkipNested()
    {
        int depth = 0;
        do
        {
            SkipBlanks(lines: true);
            switch (Peek)
            {
                case '[' or '{':
                    depth++;
                    Position++;
                    break;
                case ']' or '}':
                    depth--;
                    Position++;
                    break;
                case '"' or '\'':
                    Quoted();
                    break;
                case '\0':
                    throw Malformed("']' or '}'");
                default:
                    Position++;
                    break;
            }
        }
        while (depth > 0);
    }

    private string Bare()
    {
        int start = Position;
        while (char.IsAsciiLetterOrDigit(Peek) || Peek is '-' or '_')
        {
            Position++;
        }

        return Position > start ? text[start..Position] : throw Malformed("a key");
    }

    /// <summary>One line's or several lines' string, its quotes taken off; escapes are read as far as names need them.</summary>
    private string Quoted()
    {
        char quote = Peek;
        string three = new(quote, 3);
        bool isLong = string.CompareOrdinal(text, Position, three, 0, 3) == 0;
        Position += isLong ? 3 : 1;
        StringBuilder value = new();
        while (Position < text.Length)
        {
            if (isLong ? string.CompareOrdinal(text, Position, three, 0, 3) == 0 : Peek == quote)
            {
                Position += isLong ? 3 : 1;

                // Up to two quotes more belong to the value.
                while (isLong && Peek == quote)
                {
                    Position++;
                }

                return value.ToString();
            }

            if (Peek == '\n' && !isLong)
            {
                break;
            }

            if (Peek == '\\' && quote == '"')
            {
                Position++;
            }

            value.Append(Peek);
            Position++;
        }

        throw Malformed($"the string's end, {quote}");
    }

    private FormatException Malformed(string wanted)
    {
        int line = text.AsSpan(0, Math.Min(Position, text.Length)).Count('\n') + 1;
        return new FormatException($"line {line}: {wanted} is wanted");
    }
}
