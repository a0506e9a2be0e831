using System.Text.RegularExpressions;

namespace Quilt.Testing;

/// <summary>What a page of the documentation shows as it is to be typed, written or read: a fenced block.</summary>
/// <param name="Page">Relative to the tree, such as <c>docs/cli.md</c>.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Language">Empty where none is named.</param>
/// <param name="Text">Ends with a line feed.</param>
public sealed partial record ManualBlock(string Page, int Line, string Language, string Text)
{
    public string Fenced => $"```{Language}\n{Text}```\n";

    public static IReadOnlyList<ManualBlock> Of(string page)
    {
        string text = File.ReadAllText(Sources.PathOf(page));
        return [.. Block().Matches(text).Select(m => new ManualBlock(page, text.AsSpan(0, m.Index).Count('\n') + 1, m.Groups["language"].Value, m.Groups["text"].Value))];
    }

    public static IReadOnlyList<ManualBlock> Of(string page, string language) => [.. Of(page).Where(b => b.Language == language)];

    [GeneratedRegex("^```(?<language>.*)\n(?<text>(?:.*\n)*?)```$", RegexOptions.Multiline)]
    private static partial Regex Block();
}
