using System.Text;

namespace Quilt.Registry;

/// <summary>
/// Reads WWW-Authenticate: <c>Bearer realm="…",service="…", Basic realm="…"</c>. Whatever the text, it takes linear time and throws
/// nothing; what cannot be understood ends the reading.
/// </summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1"/>
internal static class ChallengeParser
{
    private const int LongestHeader = 16 << 10, MostChallenges = 16;

    internal static IReadOnlyList<Challenge> Parse(string header)
    {
        List<Challenge> challenges = [];
        Reader reader = new(header.Length <= LongestHeader ? header : "");
        while (challenges.Count < MostChallenges)
        {
            reader.SkipSeparators();
            string scheme = reader.Token();
            if (scheme.Length == 0)
            {
                break;
            }

            Dictionary<string, string> parameters = [];
            while (reader.TryParameter(out string name, out string value))
            {
                parameters.TryAdd(name.ToLowerInvariant(), value); // of two, the first: nobody may amend what was said
            }

            challenges.Add(new Challenge(scheme.ToLowerInvariant(), parameters));
        }

        return challenges;
    }

    private struct Reader(string text)
    {
        private int _at;

        internal void SkipSeparators() => Skip(" \t,");

        internal string Token()
        {
            int start = _at;
            while (_at < text.Length && IsTokenCharacter(text[_at]))
            {
                _at++;
            }

            return text[start.._at];
        }

        /// <summary>A parameter; or nothing, with the place unchanged, where the next challenge begins.</summary>
        internal bool TryParameter(out string name, out string value)
        {
            int start = _at;
            SkipSeparators();
            name = Token();
            value = "";
            Skip(" \t");
            if (name.Length == 0 || _at >= text.Length || text[_at] != '=')
            {
                _at = start;
                return false;
            }

            _at++;
            Skip(" \t");
            if (_at < text.Length && text[_at] == '"')
            {
                value = Quoted();
            }
            else
            {
                value = Token();
                Skip("="); // of a token68, which no scheme of ours has
            }

            return true;
        }

        private string Quoted()
        {
            StringBuilder value = new();
            for (_at++; _at < text.Length; _at++)
            {
                if (text[_at] == '"')
                {
                    _at++;
                    break;
                }

                if (text[_at] == '\\' && _at + 1 < text.Length)
                {
                    _at++;
                }

                value.Append(text[_at]);
            }

            return value.ToString();
        }

        private void Skip(string characters)
        {
            while (_at < text.Length && characters.Contains(text[_at], StringComparison.Ordinal))
            {
                _at++;
            }
        }

        // tchar of RFC 9110, 5.6.2, and what unquoted values hold although they must not.
        private static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~:/?".Contains(c, StringComparison.Ordinal);
    }
}
