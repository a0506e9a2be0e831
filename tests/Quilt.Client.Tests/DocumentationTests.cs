using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Quilt.Client.Tests;

/// <summary>What docs/client.md shows is what the tests run.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_piece_of_code_in_the_manual_is_run_as_it_stands_there()
    {
        string folder = Folder();
        string run = Bare(File.ReadAllText(Path.Combine(folder, "Snippets", "ClientSnippets.cs")));
        string[] shown = [.. CSharp().Matches(File.ReadAllText(Path.Combine(folder, "..", "..", "docs", "client.md"))).Select(m => m.Groups[1].Value)];
        Assert.Equal(11, shown.Length);
        Assert.All(shown, code => Assert.Contains(Bare(code), run, StringComparison.Ordinal));
    }

    /// <summary>Without the indentation, which is another's.</summary>
    private static string Bare(string text) => string.Join('\n', text.Split('\n').Select(l => l.Trim()));

    private static string Folder([CallerFilePath] string caller = "") => Path.GetDirectoryName(caller)!;

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
