using System.Diagnostics;
using Quilt.Testing;

namespace Quilt.Packages.Tests;

/// <summary>The quick starts do as they show: tests/quickstart.sh runs each as its reader does.</summary>
public sealed class QuickStartTests(DebianPackage package, NuGetPackages packages)
{
    private static readonly string Runner = Sources.PathOf("tests/quickstart.sh");

    [Fact]
    public Task The_command_line() => AsTheOperatorAsync("person.md");

    [Fact]
    public Task An_agents_tools() => AsTheOperatorAsync("agent-builder.md");

    /// <summary>The client's package is restored from a folder into a program of its own, and used.</summary>
    [Fact]
    public Task From_dotnet() => AsTheOperatorAsync("dotnet.md", ("QUILT", packages.Checkout));

    /// <summary>Its second block; the first block is the demonstration and these tests.</summary>
    [Fact]
    public async Task The_README()
    {
        using TemporaryFolder folder = new();
        IReadOnlyList<ManualBlock> blocks = ManualBlock.Of("README.md", "sh");
        Assert.Equal(2, blocks.Count);
        Assert.StartsWith("./demo.sh ", blocks[0].Text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder["README.md"], blocks[1].Fenced, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(folder["tree/artifacts"]);
        Directory.CreateSymbolicLink(folder["tree/artifacts/bin"], Programs.Folder);
        await RunAsync(PersonsShell.Script(Runner, folder["README.md"], folder["tree"]));
    }

    [Fact]
    public Task Agents() => AsTheOperatorAsync(Sources.PathOf("docs/agents.md"));

    [Fact]
    public async Task An_operator()
    {
        await using DebianMachine machine = await DebianMachine.StartAsync(package);
        await machine.GiveAsync(Page("operator.md"));
        await machine.GiveAsync(Runner);
        await machine.DoAsync("./quickstart.sh operator.md");
    }

    [Fact]
    public void Every_page_is_run_and_the_README_leads_to_it()
    {
        string[] pages = [.. Directory.EnumerateFiles(Sources.PathOf("docs/quickstart")).Select(f => Path.GetFileName(f)).Order()];
        Assert.Equal(["agent-builder.md", "dotnet.md", "operator.md", "person.md"], pages);
        string readme = File.ReadAllText(Sources.PathOf("README.md"));
        Assert.All(pages, page => Assert.Contains($"(docs/quickstart/{page})", readme, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("```sh\nfalse\n```\n", "ended with 1")]
    [InlineData("```sh\necho one\n```\n```text\ntwo\n```\n", "not what was said")]
    [InlineData("```python\nprint()\n```\n", "nobody runs this block")]
    [InlineData("No commands.\n", "there is no block")]
    public async Task A_page_that_is_not_true_is_told(string page, string told)
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder["page.md"], page, TestContext.Current.CancellationToken);
        ProgramRun run = await ProgramRun.OfAsync(Runner, folder["page.md"]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(told, run.Errors, StringComparison.Ordinal);
    }

    private static string Page(string name) => Sources.PathOf(Path.Combine("docs/quickstart", name));

    private static async Task RunAsync(ProcessStartInfo start)
    {
        ProgramRun run = await ProgramRun.OfAsync(start);
        Assert.True(run.ExitCode == 0, $"{start.ArgumentList[0]} {run}");
    }

    /// <summary>With a home, a working folder and a daemon that go with the test.</summary>
    private static async Task AsTheOperatorAsync(string page, params (string Name, string Value)[] environment)
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        using TemporaryFolder home = new();
        ProcessStartInfo start = PersonsShell.Script(Runner, Page(page), home["hello"], daemon);

        // .NET: packages of others are those that this machine has; no server that outlives the test.
        string known = start.Environment.TryGetValue("NUGET_PACKAGES", out string? set) && set is not null ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        start.Environment["NUGET_FALLBACK_PACKAGES"] = known;
        start.Environment["NUGET_PACKAGES"] = home["packages"];
        start.Environment["HOME"] = home.Path;
        foreach ((string name, string value) in ((string, string)[])[("UseSharedCompilation", "false"), ("MSBUILDDISABLENODEREUSE", "1"), ("DOTNET_NOLOGO", "1"), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"), ("DOTNET_CLI_USE_MSBUILD_SERVER", "0"), .. environment])
        {
            start.Environment[name] = value;
        }

        await RunAsync(start);
    }
}
