using Quilt.Testing;

namespace Quilt.Examples.Tests;

/// <summary>What the guides show is what the examples do.</summary>
public sealed class GuideTests
{
    public static IEnumerable<TheoryDataRow<string>> Examples =>
        Directory.EnumerateDirectories(Example.Folder).Select(d => Path.GetFileName(d)).Where(n => n is not ("shared" or "tour")).Select(n => new TheoryDataRow<string>(n));

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_has_a_guide_whose_code_is_the_examples(string name)
    {
        string[] shown = [.. ManualBlock.Of($"docs/guides/{name}.md").Select(b => b.Text)];
        Assert.NotEmpty(shown);
        string[] sources = [.. Directory.EnumerateFiles(Path.Combine(Example.Folder, name), "*", SearchOption.AllDirectories).Where(f => !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal)).Select(f => Bare(File.ReadAllText(f)))];
        Assert.All(shown, code => Assert.True(sources.Any(s => s.Contains(Bare(code), StringComparison.Ordinal)), $"in no file of examples/{name}:\n{code}"));
    }

    /// <summary>Without the indentation, which is another's.</summary>
    private static string Bare(string text) => string.Join('\n', text.Split('\n').Select(l => l.Trim())).Trim();
}
