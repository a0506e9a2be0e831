using System.Text.RegularExpressions;
using Quilt.Testing;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>SPECIFICATION.md names a proof for each promise, and docs/security.md for each measure: what they name is there.</summary>
public sealed partial class PromisesTests
{
    [Theory]
    [InlineData("SPECIFICATION.md", 200)]
    [InlineData("docs/security.md", 40)]
    public void Every_test_that_the_promises_name_is_there(string page, int atLeast)
    {
        // A paragraph of security.md is a bullet; a line of SPECIFICATION.md is a row of a table.
        (string Word, bool IsThere)[] named = [.. (page == "SPECIFICATION.md" ? File.ReadLines(Sources.PathOf(page)) : Bullets(page)).SelectMany(Named)];
        Assert.Empty(named.Where(n => !n.IsThere).Select(n => n.Word));
        Assert.InRange(named.Length, atLeast, int.MaxValue);
    }

    [Fact]
    public void Everything_that_is_said_of_security_names_a_test_or_is_not_promised() => Assert.All(
        Bullets("docs/security.md", "## How"), bullet => Assert.True(Named(bullet).Any(), $"names no test: {bullet}"));

    [Fact]
    public void Every_file_that_the_promises_name_is_there() => Assert.All(
        Quoted().Matches(File.ReadAllText(Sources.PathOf("SPECIFICATION.md"))).Select(m => m.Groups[1].Value.Split(' ')[0]).Where(w => PathOfOurs().IsMatch(w)),
        path => Assert.True(Path.Exists(Sources.PathOf(path)), path));

    /// <summary>By the command that SPECIFICATION.md gives for it. Speed is measured, and never asserted.</summary>
    [Fact]
    public async Task Every_section_can_be_proven_by_itself()
    {
        foreach (string section in File.ReadLines(Sources.PathOf("SPECIFICATION.md")).Where(l => l.StartsWith("## ", StringComparison.Ordinal) && l != "## Speed"))
        {
            ProgramRun listed = await ProgramRun.OfAsync(Sources.PathOf("tests/prove.sh"), "--list", section[3..]);
            Assert.True(listed.ExitCode == 0 && listed.Said.Contains(" -class *.", StringComparison.Ordinal), $"{section} {listed}");
        }

        ProgramRun unknown = await ProgramRun.OfAsync(Sources.PathOf("tests/prove.sh"), "Nowhere");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("Known breakouts", unknown.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void No_program_of_ours_starts_a_shell() => Assert.All(
        Directory.EnumerateFiles(Sources.PathOf("src"), "*.cs", SearchOption.AllDirectories).Where(TestNames.IsSource),
        file => Assert.DoesNotMatch(@"ProcessStartInfo\(\s*""[^""]*\b(sh|bash|dash|zsh|env)""|FileName = ""[^""]*\b(sh|bash|dash|zsh|env)""|UseShellExecute = true", File.ReadAllText(file)));

    /// <summary>`SomeTests.A_sentence…`, `SomeTests.*` or `SomeTests`, and after it other sentences of the same tests.</summary>
    private static IEnumerable<(string Word, bool IsThere)> Named(string text)
    {
        string current = "";
        foreach (string word in Quoted().Matches(text).Select(m => m.Groups[1].Value))
        {
            Match test = Test().Match(word);
            current = test.Groups["class"].Success ? test.Groups["class"].Value : current;
            if (test.Success && (test.Groups["class"].Success || current.Length > 0))
            {
                yield return ($"{word}, in: {text}", TestNames.Has(current, test.Groups["sentence"].Value));
            }
        }
    }

    /// <summary>Of a page, or of one part of it.</summary>
    private static IEnumerable<string> Bullets(string page, string? part = null)
    {
        string text = File.ReadAllText(Sources.PathOf(page));
        string of = part is null ? text : text.Split($"\n{part}\n")[1].Split("\n## ")[0];
        return of.Split("\n- ").Skip(1).Select(b => b.Split("\n\n")[0]);
    }

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\A(?:(?<class>[A-Z]\w*Tests)(?:\.(?<sentence>\S+))?|(?<sentence>…?[A-Z][a-z]*_\w*…?|…[A-Z]\w*…?|[A-Z][a-z]+…))\z")]
    private static partial Regex Test();

    [GeneratedRegex(@"\A(tests|bench|docs|src)/[\w./-]+\z")]
    private static partial Regex PathOfOurs();
}
