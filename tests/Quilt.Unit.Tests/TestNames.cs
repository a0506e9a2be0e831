using System.Text.RegularExpressions;
using Quilt.Testing;

namespace Quilt.Unit.Tests;

/// <summary>The tests of the whole tree, by their names in its sources.</summary>
internal static partial class TestNames
{
    private static readonly Dictionary<string, HashSet<string>> Tests = FindTests();

    /// <summary>As <c>SomeTests.A_sentence</c>, or <c>SomeTests</c>.</summary>
    internal static bool Has(string name) => Has(name.Split('.')[0], name.Contains('.', StringComparison.Ordinal) ? name.Split('.')[1] : "*");

    /// <param name="sentence">Its whole name; or with an ellipsis for what is left out before or after; or '*' for any.</param>
    internal static bool Has(string tests, string sentence)
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
        foreach (string file in Directory.EnumerateFiles(Sources.PathOf("tests"), "*Tests*.cs", SearchOption.AllDirectories).Where(IsSource))
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

    internal static bool IsSource(string file) => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal);

    [GeneratedRegex(@"\bclass (\w+Tests)\b")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"public (?:async |static )*(?:void|Task)(?:<\w+>)? (\w+)\(")]
    private static partial Regex TestMethod();
}
