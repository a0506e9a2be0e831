using System.Diagnostics;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>Every example of every command's help, and so of docs/cli.md, does what it shows.</summary>
public sealed class ExampleTests(ExampleDaemon daemon) : IClassFixture<ExampleDaemon>
{
    /// <summary>What is not run here, and what runs it.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["quilt agent run --config helper.yaml \"Find out why the tests fail\""] = "it needs a language model: AgentRunTests, with one that is played",
    };

    public static TheoryData<string> Lines => [.. All().Where(line => !Elsewhere.ContainsKey(line))];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task It_runs(string line)
    {
        ProgramRun run = await daemon.RunAsync(line);
        Assert.True(run.ExitCode == 0, $"{line} {run}");
    }

    [Theory]
    [InlineData("quilt rm nobody", 3)]
    [InlineData("quilt run --rm -- false", 1)]
    [InlineData("quilt run --rm -- false | cat", 1)]
    public async Task One_that_is_not_true_is_told(string line, int ended) => Assert.Equal(ended, (await daemon.RunAsync(line)).ExitCode);

    /// <summary>The manual's one block of commands that is of no command's help, with the file that it speaks of.</summary>
    [Fact]
    public async Task What_the_manual_shows_of_tokens_runs()
    {
        ManualBlock block = Assert.Single(ManualBlock.Of("docs/cli.md", "sh"));
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder["page.md"], $"`helper.yaml`:\n```yaml\nname: helper\n```\n{block.Fenced}", TestContext.Current.CancellationToken);
        ProgramRun run = await daemon.RunAsync(Sources.PathOf("tests/quickstart.sh"), folder["page.md"]);
        Assert.True(run.ExitCode == 0, run.ToString());
    }

    [Fact]
    public void What_is_run_elsewhere_is_an_example() => Assert.Subset(All().ToHashSet(), Elsewhere.Keys.ToHashSet());

    private static IEnumerable<string> All() => CommandTable.Names.SelectMany(name => CommandTable.Find(name)!.Examples).Select(example => example.Line);
}

/// <summary>A daemon for examples: with a dashboard, and with a registry that is the mirror of docker.io.</summary>
public sealed class ExampleDaemon : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private DockerRegistry? _registry;
    private DaemonProcess? _daemon;

    public async ValueTask InitializeAsync()
    {
        _registry = await DockerRegistry.Start();
        await File.WriteAllTextAsync(_folder["registries.json"], $$"""{ "registries": { "docker.io": { "mirrors": ["http://{{_registry.Address}}"] } } }""");
        _daemon = await DaemonProcess.StartAsync(null, "--registries", _folder["registries.json"], "--dashboard", $"127.0.0.1:{FreePort.Find()}");
    }

    /// <summary>An example, with what it speaks of.</summary>
    internal Task<ProgramRun> RunAsync(string line) => RunAsync(Sources.PathOf("tests/Quilt.Cli.Tests/Examples/scene.sh"), line);

    /// <summary>In a home and a folder of its own, which go with it.</summary>
    internal async Task<ProgramRun> RunAsync(string script, string argument)
    {
        using TemporaryFolder home = new();
        ProcessStartInfo start = PersonsShell.Script(script, argument, home["here"], _daemon);
        start.Environment["REGISTRY"] = _registry!.Address;
        start.Environment["HOME"] = home.Path;
        return await ProgramRun.OfAsync(start);
    }

    public async ValueTask DisposeAsync()
    {
        await (_daemon?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_registry?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }
}
