using System.Text;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>The <c>--name=value</c> words between an instruction's name and its arguments.</summary>
internal sealed class Flags
{
    private readonly LogicalLine _line;
    private readonly List<(string Name, RawWord? Value, int Offset)> _given = [];

    private Flags(LogicalLine line) => _line = line;

    /// <param name="at">Where the arguments begin; moved behind the flags.</param>
    /// <param name="known">Names that the instruction has, without <c>--</c>.</param>
    /// <exception cref="QuiltException">InvalidArgument: one that it does not have.</exception>
    internal static Flags Read(LogicalLine line, ref int at, string keyword, params ReadOnlySpan<string> known)
    {
        Flags flags = new(line);
        while (line.Text.AsSpan(at).StartsWith("--"))
        {
            int start = at;
            string word = ReadWord(line, ref at);
            if (word == "--")
            {
                break;
            }

            int equals = word.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? word[2..] : word[2..equals];
            if (!known.Contains(name))
            {
                string nearest = Spelling.Nearest(name, known.ToArray());
                throw line.Error(start, $"{keyword} has no option '--{Text.Printable(name)}'", nearest.Length > 0 ? $"did you mean --{nearest}?" : known.IsEmpty ? $"{keyword} has no options" : $"its options are --{string.Join(", --", known.ToArray())}");
            }

            flags._given.Add((name, equals < 0 ? null : new RawWord(word[(equals + 1)..], start + equals + 1), start));
        }

        return flags;
    }

    /// <summary>The value of a flag that may stand once; null where it does not.</summary>
    internal RawWord? One(string name)
    {
        IReadOnlyList<RawWord> values = All(name);
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw _line.Error(values[1].Offset, $"--{name} stands here a second time", "leave one of them"),
        };
    }

    internal IReadOnlyList<RawWord> All(string name) =>
    [
        .. _given.Where(f => f.Name == name).Select(f => f.Value is { Text.Length: > 0 } value
            ? value
            : throw _line.Error(f.Offset, $"--{name} has no value", $"give one: --{name}=VALUE")),
    ];

    /// <summary>A switch: <c>--name</c>, <c>--name=true</c> or <c>--name=false</c>; null where it does not stand.</summary>
    internal bool? Switch(string name)
    {
        List<(string Name, RawWord? Value, int Offset)> found = [.. _given.Where(f => f.Name == name)];
        return found switch
        {
            [] => null,
            [(_, null, _)] => true,
            [(_, { Text: "true" or "True" or "1" }, _)] => true,
            [(_, { Text: "false" or "False" or "0" }, _)] => false,
            [(_, { } value, _)] => throw _line.Error(value.Offset, $"--{name} is a switch, not '{Text.Printable(value.Text)}'", "give true or false, or no value at all"),
            _ => throw _line.Error(found[1].Offset, $"--{name} stands here a second time", "leave one of them"),
        };
    }

    /// <summary>One word with its quotes and escapes resolved, and the spaces behind it skipped.</summary>
    private static string ReadWord(LogicalLine line, ref int at)
    {
        StringBuilder word = new();
        string text = line.Text;
        char quote = '\0';
        for (; at < text.Length && (quote != '\0' || !char.IsWhiteSpace(text[at])); at++)
        {
            char c = text[at];
            if (c == line.Escape && quote != '\'')
            {
                if (at + 1 < text.Length)
                {
                    word.Append(text[++at]);
                }
            }
            else if (quote != '\0' ? c == quote : c is '\'' or '"')
            {
                quote = quote == '\0' ? c : '\0';
            }
            else
            {
                word.Append(c);
            }
        }

        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return word.ToString();
    }
}
