using System.Text.RegularExpressions;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>What the first comments of a Dockerfile tell its reader: <c># name=value</c>, before anything else.</summary>
/// <seealso href="https://docs.docker.com/reference/dockerfile/#parser-directives"/>
internal sealed partial record Directives
{
    internal char Escape { get; init; } = '\\';

    /// <summary>The frontend that was asked for. Ours reads all of them; it is known for the message alone.</summary>
    internal string? Syntax { get; init; }

    /// <summary>Names of checks that are not to warn; <c>all</c> for none at all.</summary>
    internal IReadOnlyList<string> SkippedChecks { get; init; } = [];

    /// <summary>A warning ends the build.</summary>
    internal bool WarningsAreErrors { get; init; }

    internal static Directives Read(SourceText source)
    {
        Directives read = new();
        HashSet<string> seen = [];
        for (int i = 0; i < source.Lines.Count; i++)
        {
            Match match = Pattern().Match(source.Lines[i]);
            string name = match.Groups["name"].Value.ToLowerInvariant(), spaced = match.Groups["value"].Value, value = spaced.Trim();
            if (value.Length == 0 || name is not ("escape" or "syntax" or "check"))
            {
                break; // any other line ends them, a comment too
            }

            if (!seen.Add(name))
            {
                throw source.Error(new SourcePosition(i + 1, match.Groups["name"].Index + 1), $"the directive '{name}' stands here a second time", "leave one of them");
            }

            SourcePosition at = new(i + 1, match.Groups["value"].Index + spaced.Length - spaced.TrimStart().Length + 1);
            read = name switch
            {
                "escape" => read with { Escape = EscapeOf(source, at, value) },
                "syntax" => read with { Syntax = value },
                _ => read.WithCheck(source, at, value),
            };
        }

        return read;
    }

    private static char EscapeOf(SourceText source, SourcePosition at, string value) => value is "\\" or "`"
        ? value[0]
        : throw source.Error(at, $"'{Text.Printable(value)}' is no escape character", "use \\ or `");

    private Directives WithCheck(SourceText source, SourcePosition at, string value)
    {
        Directives read = this;
        foreach (string part in value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            read = pair switch
            {
                ["skip", { } names] => read with { SkippedChecks = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) },
                ["error", "true" or "false"] => read with { WarningsAreErrors = pair[1] == "true" },
                _ => throw source.Error(at, $"'{Text.Printable(part)}' is nothing that checks can be told", "give skip=NAME,NAME or skip=all, and error=true or false, parted by ';'"),
            };
        }

        return read;
    }

    // No two repetitions side by side that take the same characters: hostile lines take linear time.
    [GeneratedRegex(@"\A\s*#\s*(?<name>[a-zA-Z][a-zA-Z0-9]*)\s*=(?<value>.*)\z")]
    private static partial Regex Pattern();
}
