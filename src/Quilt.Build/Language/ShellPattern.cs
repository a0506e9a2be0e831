using System.Text;

namespace Quilt.Build;

/// <summary>A pattern of <c>${name#pattern}</c> and its like: <c>*</c>, <c>?</c> and <c>\</c> before what is itself.</summary>
internal sealed class ShellPattern
{
    /// <summary>Steps that one substitution may take: each part of a pattern is tried at each place of a value.</summary>
    private const long MostSteps = 1L << 28;
    private readonly List<(char Character, Kind Kind)> _parts = [];

    internal ShellPattern(string pattern)
    {
        for (int i = 0; i < pattern.Length; i++)
        {
            _parts.Add(pattern[i] switch
            {
                '*' => ('*', Kind.Any),
                '?' => ('?', Kind.One),
                '\\' when i + 1 < pattern.Length => (pattern[++i], Kind.Literal),
                char c => (c, Kind.Literal),
            });
        }
    }

    private enum Kind
    {
        Literal,
        One,
        Any,
    }

    internal string TrimStart(string value, bool longest)
    {
        RequireFew(value.Length);
        bool[] ends = Ends(value, 0);
        int end = longest ? Array.LastIndexOf(ends, true) : Array.IndexOf(ends, true);
        return end < 0 ? value : value[end..];
    }

    internal string TrimEnd(string value, bool longest)
    {
        // From the end on everything is the same, mirrored.
        ShellPattern mirrored = new("");
        mirrored._parts.AddRange(Enumerable.Reverse(_parts));
        return Mirror(mirrored.TrimStart(Mirror(value), longest));
    }

    /// <summary>The first match, as long as can be, or all of them, replaced.</summary>
    internal string Replace(string value, string replacement, bool all)
    {
        RequireFew((long)value.Length * value.Length);
        StringBuilder result = new();
        int at = 0;
        while (at <= value.Length)
        {
            int end = Array.LastIndexOf(Ends(value, at), true);
            if (end >= 0)
            {
                result.Append(replacement);
                if (!all)
                {
                    return result.Append(value, at + end, value.Length - at - end).ToString();
                }
            }

            if (end <= 0)
            {
                result.Append(value, at, Math.Min(1, value.Length - at));
            }

            at += Math.Max(end, 1);
        }

        return result.ToString();
    }

    /// <param name="places">That each part is tried at.</param>
    private void RequireFew(long places)
    {
        if (places * Math.Max(1, _parts.Count) > MostSteps)
        {
            throw new WordException(0, "the value is too long for looking for a pattern in it");
        }
    }

    private static string Mirror(string text) => new([.. Enumerable.Reverse(text)]);

    /// <summary>How much of the value from a place on the whole pattern can take: for each length, whether.</summary>
    private bool[] Ends(string value, int from)
    {
        int length = value.Length - from;
        bool[] reached = new bool[length + 1], next = new bool[length + 1];
        reached[0] = true;
        foreach ((char character, Kind kind) in _parts)
        {
            bool any = false;
            for (int i = 0; i <= length; i++)
            {
                any |= reached[i];
                next[i] = kind switch
                {
                    Kind.Any => any,
                    Kind.One => i > 0 && reached[i - 1],
                    _ => i > 0 && reached[i - 1] && value[from + i - 1] == character,
                };
            }

            (reached, next) = (next, reached);
        }

        return reached;
    }
}
