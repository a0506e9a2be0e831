using System.Diagnostics;
using System.Text.Json;

namespace Quilt.Cli.Tests;

/// <summary>Agents, their tokens, sessions and tasks, and what is written down of them.</summary>
public sealed class AgentTests(CliDaemon daemon) : IAsyncLifetime
{
    private readonly string _name = $"agent-{Guid.NewGuid():N}";
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        CliResult created = await daemon.Run("agent", "create", "-q", _name);
        Assert.True(created.ExitCode == 0, created.Stderr);
        _token = created.Stdout.Trim();
    }

    public async ValueTask DisposeAsync() => await daemon.Run("agent", "rm", "-f", _name);

    [Fact]
    public async Task The_token_is_shown_once_and_speaks_for_the_agent()
    {
        Assert.DoesNotContain('\n', _token);
        Assert.DoesNotContain(_token, (await daemon.Run("agent", "inspect", _name, "--json")).Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain(_token, (await daemon.Run("agent", "token", "ls", _name, "--json")).Stdout, StringComparison.Ordinal);
        Assert.Equal(_name, (await Json("--token", _token, "agent", "inspect", "--json")).GetProperty("agent").GetProperty("name").GetString());
        CliResult again = await daemon.Run("agent", "create", _name);
        Assert.Equal(4, again.ExitCode);
    }

    [Fact]
    public async Task A_person_sees_the_token_on_stdout_and_the_advice_beside_it()
    {
        string name = $"agent-{Guid.NewGuid():N}";
        CliResult created = await daemon.Run("agent", "create", name);
        Assert.Matches("(?m)^token +[^ ]+$", created.Stdout);
        Assert.Contains("shown this once", created.Stderr, StringComparison.Ordinal);
        Assert.Equal(0, (await daemon.Run("agent", "rm", name)).ExitCode);
        Assert.Equal(3, (await daemon.Run("agent", "inspect", name)).ExitCode);
    }

    [Fact]
    public async Task A_token_is_read_from_a_file_and_a_revoked_one_is_worth_nothing()
    {
        JsonElement made = await Json("agent", "token", "create", "--ttl", "1h", _name, "--json");
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, made.GetProperty("token").GetString() + "\n", TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunWith("QUILT_TOKEN_FILE", file, "ps")).ExitCode);
        Assert.Equal(0, (await daemon.Run("agent", "token", "revoke", made.GetProperty("tokenId").GetString()!)).ExitCode);
        CliResult refused = await RunWith("QUILT_TOKEN_FILE", file, "ps");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("  remedy: ", refused.Stderr, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task It_is_listed_and_has_what_its_file_says()
    {
        string name = $"agent-{Guid.NewGuid():N}";
        CliResult created = await daemon.Run(["agent", "create", "-f", "-", "--no-token", "--json"], System.Text.Encoding.UTF8.GetBytes($"name: {name}\n"));
        Assert.True(created.ExitCode == 0, created.Stderr);
        Assert.False(JsonDocument.Parse(created.Bytes).RootElement.TryGetProperty("token", out JsonElement token) && token.ValueKind == JsonValueKind.String);
        Assert.Contains(name, (await daemon.Run("agent", "ls", "-q")).Stdout.Split('\n'));
        Assert.Contains(name, (await daemon.Run("agent", "ls")).Stdout, StringComparison.Ordinal);
        await daemon.Run("agent", "rm", name);
    }

    [Fact]
    public async Task What_is_made_in_a_session_ends_with_it()
    {
        string session = (await Agent("session", "begin", "-q", "--ttl", "10m", "work")).Stdout.Trim();
        CliResult run = await Agent("--session", session, "run", "-d");
        Assert.True(run.ExitCode == 0, run.Stderr);
        Assert.Contains(session, (await Agent("session", "ls", "-q")).Stdout.Split('\n'));
        CliResult end = await Agent("session", "end", session);
        Assert.True(end.ExitCode == 0, end.Stderr);
        Assert.Contains(run.Stdout.Trim()[..12], end.Stdout, StringComparison.Ordinal);
        Assert.Equal(3, (await daemon.Run("inspect", run.Stdout.Trim())).ExitCode);
    }

    [Fact]
    public async Task A_task_is_begun_listed_and_ended()
    {
        string session = (await Agent("session", "begin", "-q")).Stdout.Trim();
        string task = (await Agent("--session", session, "task", "begin", "-q", "--ttl", "10m", "build")).Stdout.Trim();
        Assert.Contains(task, (await Agent("--session", session, "task", "ls", "-q")).Stdout.Split('\n'));
        Assert.Contains("build", (await Agent("task", "ls")).Stdout, StringComparison.Ordinal);
        CliResult run = await Agent("--session", session, "run", "-d", "--task", task);
        Assert.True(run.ExitCode == 0, run.Stderr);
        CliResult end = await Agent("task", "end", task);
        Assert.True(end.ExitCode == 0, end.Stderr);
        Assert.Contains(run.Stdout.Trim()[..12], end.Stdout, StringComparison.Ordinal);
        Assert.Equal(0, (await Agent("--session", session, "session", "end")).ExitCode);
    }

    [Fact]
    public async Task What_it_did_is_written_down()
    {
        await Agent("ps");
        JsonElement audit = await Json("audit", "--agent", _name, "--json");
        Assert.Contains(audit.GetProperty("entries").EnumerateArray(), e => e.GetProperty("tool").GetString() == "listContainers" && e.GetProperty("outcome").GetString() == "allowed");
        string cursor = audit.GetProperty("cursor").ToString();
        await Agent("ps");
        Assert.All((await Json("audit", "--agent", _name, "--tool", "listContainers", "--since", cursor, "--json")).GetProperty("entries").EnumerateArray(), e => Assert.Equal("listContainers", e.GetProperty("tool").GetString()));
        Assert.Contains("listContainers", (await daemon.Run("audit", "--agent", _name)).Stdout, StringComparison.Ordinal);
    }

    private async Task<CliResult> Agent(params string[] words) => await RunWith("QUILT_TOKEN", _token, words);

    private async Task<CliResult> RunWith(string variable, string value, params string[] words)
    {
        ProcessStartInfo start = daemon.Start(words);
        start.Environment[variable] = value;
        using Process process = Process.Start(start)!;
        return await CliDaemon.Finish(process);
    }

    private async Task<JsonElement> Json(params string[] words)
    {
        CliResult result = await daemon.Run(words);
        Assert.True(result.ExitCode == 0, result.Stderr);
        return JsonDocument.Parse(result.Bytes).RootElement;
    }
}
