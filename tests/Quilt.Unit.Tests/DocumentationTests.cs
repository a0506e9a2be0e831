using System.Text.RegularExpressions;
using Quilt.Testing;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>What README.md and docs/ show to be typed, written or read: who runs each of it.</summary>
public sealed partial class DocumentationTests
{
    /// <summary>By page, and by the language of the block or its first words: the test that runs it or compares it with what runs, or why there is none.</summary>
    private static readonly (string Page, string Block, string By)[] Runners =
    [
        ("README.md", "./demo.sh", "no test: the seed's scenario by ExampleTests, told; the tests themselves; the build before them"),
        ("README.md", "sh", "QuickStartTests.The_README"),
        ("docs/quickstart/", "", "QuickStartTests.Every_page_is_run_and_the_README_leads_to_it"),
        ("docs/agents.md", "", "QuickStartTests.Agents"),
        ("docs/client.md", "", "DocumentationTests.Every_piece_of_code_in_the_manual_is_run_as_it_stands_there"),
        ("docs/guides/", "", "GuideTests.Every_example_has_a_guide_whose_code_is_the_examples"),
        ("docs/architecture.md", "text", "no test: drawings"),
        ("docs/guide.md", "quilt", "GuideTests"),
        ("docs/cli.md", "text", "HelpTests.The_help_of_every_command_is_in_the_manual_as_it_is"),
        ("docs/cli.md", "sh", "ExampleTests.What_the_manual_shows_of_tokens_runs"),
        ("docs/images.md", "json", "RegistryOptionsTests.What_the_manual_shows_is_taken"),
        ("docs/cognition.md", "json", "ConfigurationTests.What_the_manual_shows_of_the_language_model_is_taken"),
        ("docs/cognition.md", "yaml", "AgentFileTests.What_the_manual_shows_is_taken"),
        ("docs/dashboard.md", "sh", "ExampleTests"),
        ("docs/observability.md", "yaml", "no test: Prometheus's own file; MetricsTests read what it leads to"),
        ("docs/packages.md", "packaging/deb.sh", "DebianPackageTests"),
        ("docs/packages.md", "packaging/nuget.sh", "NuGetPackageTests"),
        ("docs/testing.md", "tests/soak.sh", "no test: an hour; SoakTests are the short form"),
        ("docs/testing.md", "tests/fuzz.sh", "no test: an hour; GuidanceTests are its loop"),
        ("docs/benchmark.md", "bench/run.sh", "no test: it measures, beside peers that are not installed everywhere"),
        ("docs/oci-conformance.md", "sh", "no test: the suite is not ours, and has to be fetched"),
    ];

    private static readonly string[] Languages = ["sh", "text", "json", "yaml", "ini", "xml", "dockerfile", "csharp", "quilt"];

    [Fact]
    public void Each_option_of_the_daemon_is_in_its_manual_page()
    {
        string page = File.ReadAllText(Sources.PathOf("packaging/man/quiltd.8")).Replace("\\", "", StringComparison.Ordinal);
        string[] options = [.. DaemonOption().Matches(File.ReadAllText(Sources.PathOf("src/quiltd/Program.cs"))).Select(m => m.Groups[1].Value)];
        Assert.True(options.Length > 20);
        Assert.All(options, o => Assert.Contains(o, page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_block_has_a_language_and_somebody_who_runs_it()
    {
        List<string> wrong = [];
        HashSet<string> used = [];
        foreach ((string page, int line, string language, string text) in Blocks())
        {
            string place = $"{page}:{line}";
            (string Page, string Block, string By) runner = Runners.FirstOrDefault(r => page.StartsWith(r.Page, StringComparison.Ordinal) && (r.Block == language || text.StartsWith(r.Block, StringComparison.Ordinal)));
            used.Add($"{runner.Page} {runner.Block}");
            if (!Languages.Contains(language))
            {
                wrong.Add($"{place}: '{language}' is none of {string.Join(", ", Languages)}");
            }
            else if (runner.By is null)
            {
                wrong.Add($"{place}: nobody runs this {language}");
            }
        }

        Assert.Empty(wrong);
        Assert.Empty(Runners.Select(r => $"{r.Page} {r.Block}").Except(used));
    }

    [Fact]
    public void Who_runs_it_is_there() => Assert.All(Runners.Where(r => !r.By.StartsWith("no test: ", StringComparison.Ordinal)), r => Assert.True(TestNames.Has(r.By), r.By));

    [Fact]
    public void Every_program_of_ours_that_is_to_be_typed_is_there() => Assert.All(
        Blocks().Where(b => b.Language == "sh").SelectMany(b => OurProgram().Matches(b.Text).Select(m => (b.Page, Program: m.Value.Trim()))),
        typed => Assert.True(File.Exists(Sources.PathOf(typed.Program)), $"{typed.Page}: {typed.Program}"));

    private static IEnumerable<ManualBlock> Blocks() => Sources.Pages.SelectMany(ManualBlock.Of);

    [GeneratedRegex("new\\(\"(--[a-z-]+)\"")]
    private static partial Regex DaemonOption();

    [GeneratedRegex(@"^(\./|tests/|bench/|packaging/)[\w./-]+\.sh", RegexOptions.Multiline)]
    private static partial Regex OurProgram();
}
