namespace Quilt.Build;

/// <summary>
/// One pattern of a <c>.dockerignore</c>, of COPY's sources or of its <c>--exclude</c>: as Go's filepath.Match, and <c>**</c>
/// for any number of folders. A hostile one takes as many steps as it is long for each character of a path, and no memory.
/// </summary>
/// <seealso href="https://docs.docker.com/build/concepts/context/#dockerignore-files"/>
internal sealed class FilePattern
{
    private const int Longest = 4096;
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(@"*?[\");

    /// <summary>Null of a pattern that is a path itself, as most are.</summary>
    private readonly IReadOnlyList<Part>? _parts;

    private FilePattern(string text, bool isException, IReadOnlyList<Part>? parts)
    {
        Text = text;
        IsException = isException;
        _parts = parts;
    }

    private enum Kind
    {
        Literal,

        /// <summary><c>?</c>: any but a slash.</summary>
        One,

        /// <summary>One of the ranges, or none of them.</summary>
        Class,

        /// <summary><c>*</c>: a name, or a piece of one.</summary>
        Name,

        /// <summary><c>**</c> before something: folders, or none.</summary>
        Folders,

        /// <summary><c>**</c> at the end.</summary>
        Anything,
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

        return text.Length <= Longest && TryParts(text) is { } parts ? new FilePattern(text, isException, parts) : null;
    }

    internal bool Matches(string path) => _parts is null ? path == Text : Ends(path)[path.Length];

    /// <summary>The path, or a folder above it.</summary>
    internal bool MatchesWithParents(string path)
    {
        if (_parts is null)
        {
            return path.StartsWith(Text, StringComparison.Ordinal) && (path.Length == Text.Length || path[Text.Length] == '/');
        }

        bool[] ends = Ends(path);
        for (int i = 0; i < path.Length; i++)
        {
            if (ends[i] && path[i] == '/')
            {
                return true;
            }
        }

        return ends[path.Length];
    }

    /// <summary>For each length of a path's beginning, whether the whole pattern matches that.</summary>
    private bool[] Ends(string path)
    {
        bool[] reached = new bool[path.Length + 1], next = new bool[path.Length + 1];
        reached[0] = true;
        foreach (Part part in _parts!)
        {
            bool any = false;
            for (int i = 0; i <= path.Length; i++)
            {
                char before = i == 0 ? '/' : path[i - 1];
                bool one = i > 0 && reached[i - 1];
                next[i] = part.Kind switch
                {
                    Kind.Literal => one && before == part.Character,
                    Kind.One => one && before != '/',
                    Kind.Class => one && part.Holds(before),
                    Kind.Name => reached[i] || (any && before != '/'),
                    Kind.Folders => reached[i] || (any && before == '/'),
                    _ => reached[i] || any,
                };
                any = part.Kind == Kind.Name ? next[i] : any || reached[i];
            }

            (reached, next) = (next, reached);
        }

        return reached;
    }

    private static List<Part>? TryParts(string pattern)
    {
        // Docker's exception: with nothing special behind it, a leading ** ends names too, so that **.log is any such file.
        if (pattern.StartsWith("**", StringComparison.Ordinal) && pattern.Length > 2 && pattern[2] != '/' && pattern.AsSpan(2).IndexOfAny(@"*?[]\") < 0)
        {
            return [new Part(Kind.Anything), .. pattern[2..].Select(c => new Part(Kind.Literal, c))];
        }

        List<Part> parts = [];
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (c == '*' && i + 1 < pattern.Length && pattern[i + 1] == '*')
            {
                i++;
                i += i + 1 < pattern.Length && pattern[i + 1] == '/' ? 1 : 0;

                // At the end it is anything; before something, any folders or none.
                parts.Add(new Part(i + 1 == pattern.Length ? Kind.Anything : Kind.Folders));
            }
            else if (c == '*')
            {
                parts.Add(new Part(Kind.Name));
            }
            else if (c == '?')
            {
                parts.Add(new Part(Kind.One));
            }
            else if (c == '[')
            {
                if (TryClass(pattern, ref i) is not { } members)
                {
                    return null;
                }

                parts.Add(members);
            }
            else
            {
                if (c == '\\' && ++i == pattern.Length)
                {
                    return null;
                }

                parts.Add(new Part(Kind.Literal, pattern[i]));
            }
        }

        return parts;
    }

    /// <summary><c>[a-z]</c>, <c>[^a]</c>; an escape takes a character's meaning away in it too.</summary>
    private static Part? TryClass(string pattern, ref int at)
    {
        int i = at + 1;
        List<(char Low, char High)> members = [];
        bool negated = i < pattern.Length && pattern[i] == '^';
        i += negated ? 1 : 0;
        while (i < pattern.Length && (pattern[i] != ']' || members.Count == 0))
        {
            if (!TryMember(pattern, ref i, out char low))
            {
                return null;
            }

            char high = low;
            if (i < pattern.Length && pattern[i] == '-')
            {
                i++;
                if (!TryMember(pattern, ref i, out high))
                {
                    return null;
                }
            }

            if (low > high)
            {
                return null;
            }

            members.Add((low, high));
        }

        if (i >= pattern.Length || members.Count == 0)
        {
            return null;
        }

        at = i;
        return new Part(Kind.Class, Members: members, IsNegated: negated);
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

    private sealed record Part(Kind Kind, char Character = default, IReadOnlyList<(char Low, char High)>? Members = null, bool IsNegated = false)
    {
        internal bool Holds(char c) => Members!.Any(m => c >= m.Low && c <= m.High) != IsNegated;
    }
}
