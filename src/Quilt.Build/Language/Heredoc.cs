using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>A here-document: lines of the Dockerfile that an instruction takes as a file.</summary>
/// <param name="Name">The word that ends it, without its quotes; also the file's name.</param>
/// <param name="Content">As it stands in the file, tabs that <c>&lt;&lt;-</c> strips included; ends with a line's end unless empty.</param>
/// <param name="Expands">Variables are substituted: its word had no quotes.</param>
/// <param name="StripsTabs"><c>&lt;&lt;-</c>.</param>
internal sealed partial record Heredoc(string Name, string Content, bool Expands, bool StripsTabs)
{
    /// <summary>The content as the file is to have it, but for variables.</summary>
    internal string Body => StripsTabs ? LeadingTabs().Replace(Content, "") : Content;

    /// <summary>The opening that a word of an instruction is; null where it is none.</summary>
    internal static Heredoc? TryOpen(string word)
    {
        Match match = Opening().Match(word);
        if (!match.Success || match.Groups["rest"].Length == 0)
        {
            return null;
        }

        ShellWords plain = new('\\', _ => null) { KeepsUnset = true }, raw = new('\\', _ => null) { KeepsUnset = true, KeepsQuotes = true };
        string rest = match.Groups["rest"].Value;
        if (plain.TryWords(rest) is not [{ } name] || raw.TryWords(rest) is not [{ } quoted])
        {
            return null;
        }

        return new Heredoc(name, "", Quotes(name) == Quotes(quoted), match.Groups["strip"].Value == "-");
    }

    /// <summary>All that a line opens, in order: their contents follow it one after the other.</summary>
    internal static IReadOnlyList<Heredoc> OpenedBy(string line)
    {
        ShellWords words = new('\\', _ => null) { KeepsUnset = true, KeepsQuotes = true, KeepsEscapes = true };
        return [.. (words.TryWords(line) ?? []).Select(TryOpen).OfType<Heredoc>()];
    }

    /// <summary>Reads the content from the lines that follow.</summary>
    /// <param name="next">The index of the next line; moved behind the one that ends it.</param>
    /// <exception cref="QuiltException">InvalidArgument: the file ends first.</exception>
    internal Heredoc ReadFrom(SourceText source, ref int next, SourcePosition opened)
    {
        StringBuilder content = new();
        for (; next < source.Lines.Count; next++)
        {
            string line = source.Lines[next];
            if ((StripsTabs ? line.TrimStart('\t') : line) == Name)
            {
                next++;
                return this with { Content = content.ToString() };
            }

            content.Append(line).Append('\n');
        }

        throw source.Error(opened, string.Create(CultureInfo.InvariantCulture, $"the here-document '{Text.Printable(Name)}' does not end"), $"end it with a line that is {Text.Printable(Name)} and nothing else");
    }

    private static int Quotes(string text) => text.Count(c => c is '\'' or '"');

    // The rest begins with no space, so that there is one way to part the two: hostile words take linear time.
    [GeneratedRegex(@"\A\d*<<(?<strip>-?)\s*(?<rest>(?:[^<\s][^<]*)?)\z")]
    private static partial Regex Opening();

    [GeneratedRegex(@"^\t+", RegexOptions.Multiline)]
    private static partial Regex LeadingTabs();
}
