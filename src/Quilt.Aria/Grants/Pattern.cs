namespace Quilt.Aria;

/// <summary>A text, or with one <c>*</c> for any part of it: <c>quilt/*</c>, <c>*.debian.org</c>.</summary>
public static class Pattern
{
    public const string Remedy = "give a text, with at most one '*' for any part of it";

    public static bool IsValid(string pattern) => pattern.Length > 0 && pattern.Count(c => c == '*') <= 1;

    public static bool Matches(string pattern, string text) => Covers(pattern, text.Replace('*', '\0'));

    /// <summary>Whatever the narrow one matches, the wide one matches too.</summary>
    public static bool Covers(string wide, string narrow)
    {
        int star = wide.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return wide == narrow;
        }

        // What the narrow one matches begins and ends at least as it does itself around its star, and a star is no text.
        ReadOnlySpan<char> before = wide.AsSpan(0, star), after = wide.AsSpan(star + 1);
        int own = narrow.IndexOf('*', StringComparison.Ordinal);
        return own < 0
            ? narrow.Length >= before.Length + after.Length && narrow.AsSpan().StartsWith(before) && narrow.AsSpan().EndsWith(after)
            : narrow.AsSpan(0, own).StartsWith(before) && narrow.AsSpan(own + 1).EndsWith(after);
    }
}
