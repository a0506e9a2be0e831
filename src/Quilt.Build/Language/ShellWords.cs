using System.Text;

namespace Quilt.Build;

/// <summary>
/// Words as a Dockerfile has them: quotes, escapes and variables of the shell's, without its commands and patterns. Where what
/// the shell does and what Docker does differ, it is Docker's.
/// </summary>
/// <param name="escape">What takes the next character's meaning away.</param>
/// <param name="lookUp">A variable's value; null where it is not set.</param>
/// <seealso href="https://docs.docker.com/reference/dockerfile/#environment-replacement"/>
internal sealed partial class ShellWords(char escape, Func<string, string?> lookUp)
{
    private const char End = '\0';
    private const int Deepest = 50;

    /// <summary>In UTF-16 units: a variable that holds itself twice doubles with every line.</summary>
    private const int LongestResult = 1 << 20;
    private string _text = "";
    private int _at, _depth;
    private bool _rawEscapes;

    /// <summary>Quotes stay in the words; they still hold a word together.</summary>
    internal bool KeepsQuotes { get; init; }

    /// <summary>Escapes stay in the words.</summary>
    internal bool KeepsEscapes { get; init; }

    /// <summary>A variable that is not set is left as it is written.</summary>
    internal bool KeepsUnset { get; init; }

    /// <summary>Told of a variable that is not set and has nothing in its place.</summary>
    internal Action<string>? Missed { get; init; }

    /// <summary>Quotes mean nothing: for the content of files.</summary>
    internal bool IgnoresQuotes { get; init; }

    private bool AtEnd => _at >= _text.Length;
    private char Peek => AtEnd ? End : _text[_at];

    /// <summary>The text as one word, whatever spaces it has.</summary>
    /// <exception cref="WordException">It is no word: an open quote, a wrong substitution, a variable that has to be set.</exception>
    internal string Word(string text) => Process(text).Whole;

    /// <summary>The text's words. A variable's spaces part words, unless it is quoted.</summary>
    /// <exception cref="WordException">As <see cref="Word"/>.</exception>
    internal IReadOnlyList<string> Words(string text) => Process(text).Words;

    /// <summary>As <see cref="Words"/>; null where they are none.</summary>
    internal IReadOnlyList<string>? TryWords(string text)
    {
        try
        {
            return Words(text);
        }
        catch (WordException)
        {
            return null;
        }
    }

    private (string Whole, IReadOnlyList<string> Words) Process(string text)
    {
        (_text, _at, _depth, _rawEscapes) = (text, 0, 0, KeepsEscapes);
        WordList words = new();
        string whole = Until(End, words);
        return (whole, words.Finish());
    }

    private char Next() => AtEnd ? End : _text[_at++];

    /// <summary>Up to a character, which is consumed, or to the end of the text.</summary>
    /// <param name="stop"><see cref="End"/> for the end of the text, which no text holds.</param>
    private string Until(char stop, WordList? words)
    {
        if (++_depth > Deepest)
        {
            throw new WordException(_at, $"substitutions are nested more than {Deepest} deep");
        }

        StringBuilder result = new();
        while (!AtEnd)
        {
            char c = Peek;
            if (c == stop)
            {
                _at++;
                _depth--;
                return result.ToString();
            }

            if (c == '$')
            {
                string value = Dollar();
                result.Append(value);
                words?.AddSplit(value);
            }
            else if (c == '<' && words is not null && TryHereOpening() is { } opening)
            {
                // The word that ends the here-document may stand apart from its sign.
                result.Append(opening);
                words.AddKept(opening);
            }
            else if (c is '\'' or '"' && !IgnoresQuotes)
            {
                string quoted = c == '\'' ? SingleQuoted() : DoubleQuoted();
                result.Append(quoted);
                words?.AddKept(quoted);
            }
            else if (c == escape)
            {
                _at++;
                if (_rawEscapes)
                {
                    result.Append(c);
                    words?.AddKept(c);
                }

                if (!AtEnd)
                {
                    c = Next();
                    result.Append(c);
                    words?.AddKept(c);
                }
            }
            else
            {
                _at++;
                result.Append(c);
                words?.Add(c);
            }

            if (result.Length > LongestResult)
            {
                throw new WordException(_at, $"it becomes longer than {LongestResult} characters");
            }
        }

        _depth--;
        return stop == End ? result.ToString() : throw new WordException(_at, stop == '}' ? "a '}' is missing" : $"a '{stop}' is missing");
    }

    private string? TryHereOpening()
    {
        if (_at + 1 >= _text.Length || _text[_at + 1] != '<')
        {
            return null;
        }

        int start = _at;
        _at += 2;
        while (char.IsWhiteSpace(Peek))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private string SingleQuoted()
    {
        int start = _at;
        int end = _text.IndexOf('\'', start + 1);
        if (end < 0)
        {
            throw new WordException(start, "the single quote does not end");
        }

        _at = end + 1;
        return KeepsQuotes ? _text[start.._at] : _text[(start + 1)..end];
    }

    private string DoubleQuoted()
    {
        int start = _at;
        StringBuilder result = new();
        _at++;
        if (KeepsQuotes)
        {
            result.Append('"');
        }

        while (!AtEnd)
        {
            char c = Peek;
            if (c == '"')
            {
                _at++;
                return KeepsQuotes ? result.Append('"').ToString() : result.ToString();
            }

            if (c == '$')
            {
                result.Append(Dollar());
                continue;
            }

            _at++;
            if (c == escape)
            {
                if (_rawEscapes)
                {
                    result.Append(c);
                }

                // Of all others the escape is a character itself.
                if (Peek is '"' or '$' || Peek == escape)
                {
                    c = Next();
                }
                else if (AtEnd)
                {
                    break;
                }
                else if (_rawEscapes)
                {
                    continue;
                }
            }

            result.Append(c);
        }

        throw new WordException(start, "the double quote does not end");
    }
}
