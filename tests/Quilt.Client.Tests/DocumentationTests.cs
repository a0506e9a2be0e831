using Quilt.Testing;

namespace Quilt.Client.Tests;

/// <summary>What docs/client.md shows is what the tests run.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void Every_piece_of_code_in_the_manual_is_run_as_it_stands_there()
    {
        string run = Bare(File.ReadAllText(Sources.PathOf("tests/Quilt.Client.Tests/Snippets/ClientSnippets.cs")));
        string[] shown = [.. ManualBlock.Of("docs/client.md", "csharp").Select(b => b.Text)];
        Assert.Equal(11, shown.Length);
        Assert.All(shown, code => Assert.Contains(Bare(code), run, StringComparison.Ordinal));
    }

    /// <summary>Without the indentation, which is another's.</summary>
    private static string Bare(string text) => string.Join('\n', text.Split('\n').Select(l => l.Trim()));
}
