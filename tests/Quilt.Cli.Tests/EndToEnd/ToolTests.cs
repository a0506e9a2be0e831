using System.Text;
using System.Text.Json;

namespace Quilt.Cli.Tests;

public sealed class ToolTests(CliDaemon daemon)
{
    [Fact]
    public async Task Tools_are_listed_and_described()
    {
        CliResult list = await daemon.Run("tool", "ls");
        Assert.Equal(0, list.ExitCode);
        Assert.Contains("execInContainer", list.Stdout, StringComparison.Ordinal);
        JsonElement[] safe = [.. JsonDocument.Parse((await daemon.Run("tool", "ls", "--level", "safe", "--json")).Bytes).RootElement.EnumerateArray()];
        Assert.NotEmpty(safe);
        Assert.All(safe, t => Assert.Equal("safe", t.GetProperty("level").GetString()));
        Assert.Contains("command", (await daemon.Run("tool", "describe", "execInContainer")).Stdout, StringComparison.Ordinal);
        JsonElement detail = JsonDocument.Parse((await daemon.Run("tool", "describe", "execInContainer", "--json")).Bytes).RootElement;
        Assert.Equal("object", detail.GetProperty("inputSchema").GetProperty("type").GetString());
        CliResult unknown = await daemon.Run("tool", "describe", "execInContaine");
        Assert.Equal(3, unknown.ExitCode);
        Assert.Contains("'execInContainer'", unknown.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_is_called_with_words_with_stdin_and_with_nothing()
    {
        string name = $"t-{Guid.NewGuid():N}";
        CliResult created = await daemon.Run(["tool", "call", "createContainer", "-"], Encoding.UTF8.GetBytes($$"""{"name": "{{name}}", "autoStart": true}"""));
        Assert.True(created.ExitCode == 0, created.Stderr);
        Assert.Equal(1, created.Stdout.Count(c => c == '\n'));
        CliResult exec = await daemon.Run("tool", "call", "execInContainer", $$"""{"container": "{{name}}", "command": ["sh", "-c", "echo hi; exit 3"]}""");
        JsonElement result = JsonDocument.Parse(exec.Bytes).RootElement;
        Assert.Equal((0, "hi\n", 3), (exec.ExitCode, result.GetProperty("stdout").GetString(), result.GetProperty("exitCode").GetInt32()));
        Assert.Contains(name, (await daemon.Run("tool", "call", "listContainers")).Stdout, StringComparison.Ordinal);
        Assert.Equal(0, (await daemon.Run("rm", "-f", name)).ExitCode);
    }

    [Theory]
    [InlineData("getContainerStatus", """{"container": "no-such"}""", 3)]
    [InlineData("getContainerStatus", """{"bogus": 1}""", 2)]
    public async Task What_a_tool_refuses_has_the_usual_form_and_exit_code(string tool, string arguments, int exitCode)
    {
        CliResult result = await daemon.Run("tool", "call", tool, arguments);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty(result.Stdout);
        Assert.Contains("  remedy: ", result.Stderr, StringComparison.Ordinal);
        JsonElement error = JsonDocument.Parse((await daemon.Run("tool", "call", "--json", tool, arguments)).Stderr).RootElement.GetProperty("error");
        Assert.NotEmpty(error.GetProperty("code").GetString()!);
    }

    [Fact]
    public async Task What_removes_takes_several_and_one_that_is_not_there_keeps_none_of_the_others()
    {
        string one = $"t-{Guid.NewGuid():N}", other = $"t-{Guid.NewGuid():N}";
        foreach (string kind in (string[])["volume", "network"])
        {
            foreach (string name in (string[])[one, other])
            {
                CliResult made = await daemon.Run(kind, "create", name);
                Assert.True(made.ExitCode == 0, made.Stderr);
            }

            CliResult removed = await daemon.Run(kind, "rm", one, "no-such-thing", other);
            Assert.Equal((3, $"{one}\n{other}\n"), (removed.ExitCode, removed.Stdout));
            Assert.Contains("no-such-thing", removed.Stderr, StringComparison.Ordinal);
            Assert.DoesNotContain(one, (await daemon.Run(kind, "ls")).Stdout, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_of_tools_and_agents_are_completed()
    {
        Assert.Contains("execInContainer\t", (await daemon.Run("__complete", "--", "tool", "call", "exec")).Stdout, StringComparison.Ordinal);
        string name = $"agent-{Guid.NewGuid():N}";
        await daemon.Run("agent", "create", "--no-token", name);
        Assert.Contains(name, (await daemon.Run("__complete", "--", "agent", "rm", "agent-")).Stdout, StringComparison.Ordinal);
        await daemon.Run("agent", "rm", name);
    }
}
