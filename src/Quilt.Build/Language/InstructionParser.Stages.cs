using System.Text.RegularExpressions;
using Quilt.Core;

namespace Quilt.Build;

internal sealed partial class InstructionParser
{
    private Instruction.From From()
    {
        Flags flags = ReadFlags("platform");
        List<RawWord> words = Needs(Words(), "an image, such as debian:12, or scratch");
        string? name = null;
        if (words.Count > 1)
        {
            if (words.Count != 3 || !words[1].Text.Equals("AS", StringComparison.OrdinalIgnoreCase))
            {
                throw _line.Error(words[1].Offset, "FROM takes an image, and then nothing or AS NAME", "write FROM IMAGE AS NAME");
            }

            name = StageName().IsMatch(words[2].Text)
                ? words[2].Text.ToLowerInvariant()
                : throw _line.Error(words[2].Offset, $"'{Text.Printable(words[2].Text)}' cannot name a stage", "begin with a letter, and go on with letters, digits, '-', '_' and '.'");
        }

        return new Instruction.From(_origin, words[0], name, flags.One("platform"));
    }

    private Instruction.Arg Arg()
    {
        NoFlags();
        List<KeyValuePair<RawWord, RawWord?>> names = [];
        foreach (RawWord word in Needs(QuotedWords(), "a name, or NAME=VALUE"))
        {
            int equals = word.Text.IndexOf('=', StringComparison.Ordinal);
            RawWord name = equals < 0 ? word : word with { Text = word.Text[..equals] };
            names.Add(new(NonEmpty(name), equals < 0 ? null : new RawWord(word.Text[(equals + 1)..], word.Offset + equals + 1)));
        }

        return new Instruction.Arg(_origin, names);
    }

    /// <summary>NAME=VALUE and more of them, or the old form: NAME VALUE.</summary>
    private Instruction Pairs(Func<IReadOnlyList<KeyValuePair<RawWord, RawWord>>, bool, Instruction> make)
    {
        NoFlags();
        List<RawWord> words = Needs(QuotedWords(), "NAME=VALUE");
        if (!words[0].Text.Contains('=', StringComparison.Ordinal))
        {
            int end = Skip(_line.Text, _at, c => !char.IsWhiteSpace(c));
            int value = Skip(_line.Text, end, char.IsWhiteSpace);
            return value < _line.Text.Length
                ? make([new(new RawWord(_line.Text[_at..end], _at), new RawWord(_line.Text[value..].TrimEnd(), value))], true)
                : throw _line.Error(_at, $"'{Text.Printable(words[0].Text)}' has no value", "write NAME=VALUE");
        }

        List<KeyValuePair<RawWord, RawWord>> pairs = [];
        foreach (RawWord word in words)
        {
            int equals = word.Text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                throw _line.Error(word.Offset, $"'{Text.Printable(word.Text)}' is not NAME=VALUE", "put a value with spaces in quotes: NAME=\"a b\"");
            }

            pairs.Add(new(NonEmpty(word with { Text = word.Text[..equals] }), new RawWord(word.Text[(equals + 1)..], word.Offset + equals + 1)));
        }

        return make(pairs, false);
    }

    private RawWord NonEmpty(RawWord name) =>
        name.Text.Length > 0 ? name : throw _line.Error(name.Offset, "a name is empty", "write NAME=VALUE");

    /// <summary>Words parted by spaces that are neither quoted nor escaped; quotes and escapes stay.</summary>
    private List<RawWord> QuotedWords()
    {
        List<RawWord> words = [];
        string text = _line.Text;
        for (int at = Skip(text, _at, char.IsWhiteSpace); at < text.Length; at = Skip(text, at, char.IsWhiteSpace))
        {
            int start = at;
            char quote = '\0';
            for (; at < text.Length && (quote != '\0' || !char.IsWhiteSpace(text[at])); at++)
            {
                char c = text[at];
                if (c == _line.Escape && quote != '\'')
                {
                    at = Math.Min(at + 1, text.Length - 1);
                }
                else if (quote == '\0' ? c is '\'' or '"' : c == quote)
                {
                    quote = quote == '\0' ? c : '\0';
                }
            }

            words.Add(new RawWord(text[start..at], start));
        }

        return words;
    }

    [GeneratedRegex(@"\A[a-zA-Z][a-zA-Z0-9_.-]*\z")]
    private static partial Regex StageName();
}
