using System.Text;
using System.Text.RegularExpressions;

namespace Quilt.Build;

/// <summary>
/// One pattern of a <c>.dockerignore</c>, of COPY's sources or of its <c>--exclude</c>: as Go's filepath.Match, and <c>**</c>
/// for any number of folders.
/// </summary>
/// <seealso href="https://docs.docker.com/build/concepts/context/#dockerignore-files"/>
internal sealed class FilePattern
{
    private const int Longest = 4096;
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(@"*?[\");

    /// <summary>Null of a pattern that is a path itself, as most are.</summary>
    private readonly Regex? _regex;

    private FilePattern(string text, bool isException, Regex? regex)
    {
        Text = text;
        IsException = isException;
        _regex = regex;
    }

    /// <summary>Cleaned; without the <c>!</c>.</summary>
    internal string Text { get; }

    /// <summary>Began with <c>!</c>: what it matches is not ignored.</summary>
    internal bool IsException { get; }

    /// <summary>Null where the pattern's brackets or escapes are wrong.</summary>
    internal static FilePattern? TryCompile(string text, bool isException)
    {
        if (!text.AsSpan().ContainsAny(Special))
        {
            return new FilePattern(text, isException, null);
        }

        if (text.Length > Longest || ToRegex(text) is not { } regex)
        {
            return null;
        }

        try
        {
            // Without backtracking: a hostile pattern takes no more than linear time.
            return new FilePattern(text, isException, new Regex(regex, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    internal bool Matches(string path) => _regex?.IsMatch(path) ?? path == Text;

    private static string? ToRegex(string pattern)
    {
        // Docker's exception: with nothing special behind it, a leading ** ends names too, so that **.log is any such file.
        if (pattern.StartsWith("**", StringComparison.Ordinal) && pattern.Length > 2 && pattern[2] != '/' && pattern.AsSpan(2).IndexOfAny(@"*?[]\") < 0)
        {
            return $@"(?s)\A.*{Regex.Escape(pattern[2..])}\z";
        }

        StringBuilder regex = new(@"\A");
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (c == '*' && i + 1 < pattern.Length && pattern[i + 1] == '*')
            {
                i++;
                bool folder = i + 1 < pattern.Length && pattern[i + 1] == '/';
                i += folder ? 1 : 0;

                // At the end it is anything; before something, any folders or none.
                regex.Append(i + 1 == pattern.Length ? "(?s:.*)" : "(?s:.*/)?");
            }
            else if (c == '*')
            {
                regex.Append("[^/]*");
            }
            else if (c == '?')
            {
                regex.Append("[^/]");
            }
            else if (c == '[')
            {
                if (!TryClass(pattern, ref i, regex))
                {
                    return null;
                }
            }
            else
            {
                if (c == '\\' && ++i == pattern.Length)
                {
                    return null;
                }

                regex.Append(Regex.Escape(pattern[i].ToString()));
            }
        }

        return regex.Append(@"\z").ToString();
    }

    /// <summary><c>[a-z]</c>, <c>[^a]</c>; an escape takes a character's meaning away in it too.</summary>
    private static bool TryClass(string pattern, ref int at, StringBuilder regex)
    {
        int i = at + 1;
        StringBuilder members = new();
        bool negated = i < pattern.Length && pattern[i] == '^';
        i += negated ? 1 : 0;
        while (i < pattern.Length && (pattern[i] != ']' || members.Length == 0))
        {
            if (!TryMember(pattern, ref i, out char low))
            {
                return false;
            }

            char high = low;
            if (i < pattern.Length && pattern[i] == '-')
            {
                i++;
                if (!TryMember(pattern, ref i, out high))
                {
                    return false;
                }
            }

            if (low > high)
            {
                return false;
            }

            members.Append(Escaped(low)).Append('-').Append(Escaped(high));
        }

        if (i >= pattern.Length || members.Length == 0)
        {
            return false;
        }

        at = i;
        regex.Append(negated ? "[^" : "[").Append(members).Append(']');
        return true;
    }

    private static bool TryMember(string pattern, ref int i, out char member)
    {
        member = default;
        if (i < pattern.Length && pattern[i] is '-' or ']')
        {
            return false;
        }

        if (i < pattern.Length && pattern[i] == '\\')
        {
            i++;
        }

        if (i >= pattern.Length)
        {
            return false;
        }

        member = pattern[i++];
        return true;
    }

    private static string Escaped(char c) => FormattableString.Invariant($"\\u{(int)c:X4}");
}
