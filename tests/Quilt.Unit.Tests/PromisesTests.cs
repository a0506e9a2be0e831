using System.Text.RegularExpressions;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>SPECIFICATION.md names a proof for each promise: what it names is there.</summary>
public sealed partial class PromisesTests
{
    private static readonly string Root = FindRoot();
    private static readonly Dictionary<string, HashSet<string>> Tests = FindTests();

    [Fact]
    public void Every_test_that_the_promises_name_is_there()
    {
        List<string> missing = [];
        int named = 0;
        foreach (string line in File.ReadLines(Path.Combine(Root, "SPECIFICATION.md")))
        {
            // `SomeTests.A_sentence…`, `SomeTests.*` or `SomeTests`, and after it other sentences of the same tests.
            string current = "";
            foreach (string word in Quoted().Matches(line).Select(m => m.Groups[1].Value))
            {
                Match test = Test().Match(word);
                current = test.Groups["class"].Success ? test.Groups["class"].Value : current;
                if (test.Success && (test.Groups["class"].Success || current.Length > 0))
                {
                    named++;
                    if (!IsThere(current, test.Groups["sentence"].Value))
                    {
                        missing.Add($"{word}, in: {line}");
                    }
                }
            }
        }

        Assert.Empty(missing);
        Assert.InRange(named, 200, int.MaxValue);
    }

    [Fact]
    public void Every_file_that_the_promises_name_is_there() => Assert.All(
        Quoted().Matches(File.ReadAllText(Path.Combine(Root, "SPECIFICATION.md"))).Select(m => m.Groups[1].Value.Split(' ')[0]).Where(w => PathOfOurs().IsMatch(w)),
        path => Assert.True(Path.Exists(Path.Combine(Root, path)), path));

    [Fact]
    public void No_program_of_ours_starts_a_shell() => Assert.All(
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories).Where(IsSource),
        file => Assert.DoesNotMatch(@"ProcessStartInfo\(\s*""[^""]*\b(sh|bash|dash|zsh|env)""|FileName = ""[^""]*\b(sh|bash|dash|zsh|env)""|UseShellExecute = true", File.ReadAllText(file)));

    private static bool IsThere(string tests, string sentence)
    {
        if (!Tests.TryGetValue(tests, out HashSet<string>? known))
        {
            return false;
        }

        string text = sentence.Trim('…');
        return text is "" or "*" || known.Any(name => (sentence.StartsWith('…') ? name.Contains(text, StringComparison.Ordinal) : name.StartsWith(text, StringComparison.Ordinal)) && (sentence.EndsWith('…') || name.EndsWith(text, StringComparison.Ordinal)));
    }

    /// <summary>The sentences of each class of tests; of those of one name in several projects, all.</summary>
    private static Dictionary<string, HashSet<string>> FindTests()
    {
        Dictionary<string, HashSet<string>> found = [];
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*Tests*.cs", SearchOption.AllDirectories).Where(IsSource))
        {
            string text = File.ReadAllText(file);
            foreach (Match tests in TestClass().Matches(text))
            {
                found.TryAdd(tests.Groups[1].Value, []);
                found[tests.Groups[1].Value].UnionWith(TestMethod().Matches(text).Select(m => m.Groups[1].Value));
            }
        }

        return found;
    }

    private static bool IsSource(string file) => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal);

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Quilt.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the test does not lie in the source tree");
        }

        return folder;
    }

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\A(?:(?<class>[A-Z]\w*Tests)(?:\.(?<sentence>\S+))?|(?<sentence>…?[A-Z][a-z]*_\w*…?|…[A-Z]\w*…?|[A-Z][a-z]+…))\z")]
    private static partial Regex Test();

    [GeneratedRegex(@"\A(tests|bench|docs|src)/[\w./-]+\z")]
    private static partial Regex PathOfOurs();

    [GeneratedRegex(@"\bclass (\w+Tests)\b")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"public (?:async |static )*(?:void|Task)(?:<\w+>)? (\w+)\(")]
    private static partial Regex TestMethod();
}
