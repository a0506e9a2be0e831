using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Cognition.Tests.Processes;
using Quilt.Cognition.Tests.Providers;
using Quilt.Testing;

namespace Quilt.Cognition.Tests.Agents;

/// <summary>The built-in loop: its program, a real daemon, and a scripted model.</summary>
[Collection(ProcessCollection.Name)]
public sealed class AgentRunTests(AgentDaemon fixture) : IClassFixture<AgentDaemon>
{
    private const string Secret = "correct-horse-battery";
    private readonly DaemonProcess _daemon = fixture.Daemon;

    private static Reply Answer(string text) => Wire.Text("openai", text);

    private static Task<ProviderServer> Model(params Reply[] replies) => ProviderServer.Start(replies);

    [Fact]
    public async Task A_model_creates_a_container_works_in_it_removes_it_and_answers()
    {
        await using ProviderServer model = await Model(
            Wire.Calls(("createContainer", $$"""{"name": "box", "env": {"PASSWORD": "{{Secret}}"}, "autoStart": true}""")),
            Wire.Calls(("execInContainer", """{"container": "box", "command": ["sh", "-c", "echo hello; env; exit 3"]}""")),
            Wire.Calls(("removeContainer", """{"container": "box", "force": true}"""), ("createAgent", """{"name": "below"}""")),
            Answer($"The box said hello, and {Secret}."));
        using AgentRun run = new(_daemon, model, []);
        (int code, string output, string error) = await run.EndAsync();

        Assert.True(code == 0, error);
        Assert.Equal("The box said hello, and (redacted).\n", output);
        Assert.Matches("""(?m)^-> createContainer \{"name":"box","env":\{"PASSWORD":"\(redacted\)"\},"autoStart":true\} => \{.* \(.*s\)$""", error);
        Assert.Matches("""(?m)^-> execInContainer .* => exit 3, stdout "hello.* \(.*s\)$""", error);
        Assert.Matches("(?m)^cleaned up: session [0-9a-f]{16} ended; no container was left to be removed$", error);
        Assert.Matches("(?m)^cleaned up: agent tester-[0-9a-f]{8} removed", error);
        Assert.Matches(@"(?m)^done \(4 requests, 44 \+ 28 tokens\)$", error);

        JsonElement first = Wire.Json(model.Requests[0].Body);
        string[] messages = [.. first.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("content").ToString())];
        Assert.StartsWith(AgentRun.SystemPrompt, messages[0], StringComparison.Ordinal);
        Assert.Contains(AgentInstructions.Guide.TrimEnd(), messages[0], StringComparison.Ordinal);
        Assert.Equal("Do it.", messages[1]);
        Assert.Contains(first.GetProperty("tools").EnumerateArray(), t => t.GetProperty("function").GetProperty("name").GetString() == "waitForContainer");
        Assert.Contains("hello", model.Requests[2].Body, StringComparison.Ordinal);

        Assert.Equal(["begin", "usage", "toolCall", "toolResult", "usage", "toolCall", "toolResult", "usage", "toolCall", "toolResult", "toolCall", "toolResult", "message", "usage", "cleanup", "cleanup", "end"], run.Lines.Select(l => l["type"]!.GetValue<string>()));
        Assert.Equal("Do it.", run.Lines[0]["task"]!.GetValue<string>());
        Assert.Equal(("done", 4), (run.Lines[^1]["outcome"]!.GetValue<string>(), run.Lines[^1]["requests"]!.GetValue<int>()));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, run.TranscriptMode);
        foreach (string told in (string[])[run.Transcript, output, error])
        {
            Assert.DoesNotContain(Secret, told, StringComparison.Ordinal);
            Assert.DoesNotContain(Wire.Key, told, StringComparison.Ordinal);
            Assert.DoesNotContain("quilt_", told, StringComparison.Ordinal);
        }

        await run.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_model_that_repeats_itself_is_stopped()
    {
        await using ProviderServer model = await Model(
            Wire.Calls(("createContainer", """{"name": "box", "autoStart": true, "strategy": "service"}""")),
            Wire.Calls(("execInContainer", """{"container": "box", "command": ["echo", "again"]}""")));
        using AgentRun run = new(_daemon, model, []);
        (int code, _, string error) = await run.EndAsync();
        Assert.True(code == 3, error);
        Assert.Contains("the model goes in circles: execInContainer was called 3 times in a row", error, StringComparison.Ordinal);
        Assert.Contains("1 more container", error, StringComparison.Ordinal);
        Assert.Equal(4, model.Requests.Count);
        Assert.Equal("stopped", run.Lines[^1]["outcome"]!.GetValue<string>());
        await run.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_model_that_waits_does_not_go_in_circles()
    {
        Reply wait = Wire.Calls(("waitForContainer", """{"container": "box", "timeout": "10ms"}"""));
        await using ProviderServer model = await Model(
            Wire.Calls(("createContainer", """{"name": "box", "autoStart": true, "stopTimeout": 0}""")), wait, wait, wait, wait, Answer("It runs for ever."));
        using AgentRun run = new(_daemon, model, []);
        (int code, string output, string error) = await run.EndAsync();
        Assert.True(code == 0, error);
        Assert.Equal("It runs for ever.\n", output);
        Assert.Equal(4, run.Lines.Count(l => l["result"]?["code"]?.GetValue<string>() == "deadline_exceeded"));
        await run.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_provider_that_fails_for_a_while_and_a_transcript_that_cannot_be_written_end_no_run()
    {
        Reply busy = Wire.Error("openai", 503, "busy");
        await using ProviderServer model = await Model(Wire.Calls(("createContainer", """{"name": "box"}""")), busy, busy, busy, Answer("done"));
        using AgentRun run = new(_daemon, model, [], transcript: "/dev/full");
        (int code, string output, string error) = await run.EndAsync();
        Assert.True(code == 0, error);
        Assert.Equal("done\n", output);
        Assert.Contains("has a failure of its own (HTTP 503: busy); it is asked again in 1.0 s", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n'), l => l.StartsWith("the transcript '/dev/full' cannot be written any more", StringComparison.Ordinal));
        await run.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task The_operators_own_session_is_not_the_agents()
    {
        string session = (await AgentRun.CallAsync(_daemon, "beginSession", new JsonObject { ["name"] = "mine" }))["session"]!["id"]!.GetValue<string>();
        await using ProviderServer model = await Model(Wire.Calls(("createContainer", """{"name": "box"}""")), Answer("done"));
        using AgentRun run = new(_daemon, model, [], session: session);
        (int code, _, string error) = await run.EndAsync();
        Assert.True(code == 0, error);
        Assert.NotEqual(session, run.Lines[0]["session"]!.GetValue<string>());
        Assert.Contains("its container box was removed", error, StringComparison.Ordinal);
        await AgentRun.CallAsync(_daemon, "endSession", new JsonObject { ["session"] = session });
        await run.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_model_that_calls_what_is_not_there_is_told_so_and_stopped_where_it_goes_on()
    {
        await using ProviderServer model = await Model(Wire.Calls(("makeCoffee", """{"sugar": 2}""")));
        using AgentRun run = new(_daemon, model, []);
        (int code, _, string error) = await run.EndAsync();
        Assert.True(code == 3, error);
        Assert.Matches("(?m)^-> makeCoffee .* => .*not found", error);
        await run.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_failed_call_is_the_models_to_mend()
    {
        await using ProviderServer model = await Model(Wire.Calls(("startContainer", """{"container": "no-such"}""")), Wire.Calls(("createContainer", """{"nam": "x"}""")), Answer("There is none."));
        using AgentRun run = new(_daemon, model, []);
        (int code, string output, string error) = await run.EndAsync();
        Assert.True(code == 0, error);
        Assert.Equal("There is none.\n", output);
        Assert.Contains(" => not_found: ", error, StringComparison.Ordinal);
        Assert.Contains(" => invalid_argument: ", error, StringComparison.Ordinal);
        Assert.Contains("not_found", model.Requests[1].Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the model was asked 2 times", 2)]
    [InlineData("36 tokens are used, of 20", 20, "--max-tokens", "20")]
    public async Task A_budget_that_is_used_up_ends_the_run(string says, int maxIterations, params string[] options)
    {
        await using ProviderServer model = await Model(Wire.Calls(("listContainers", "{}")));
        using AgentRun run = new(_daemon, model, options, maxIterations: maxIterations);
        (int code, _, string error) = await run.EndAsync();
        Assert.True(code == 3, error);
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.Equal(2, model.Requests.Count);
        await run.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task Time_that_is_over_ends_a_call_under_way_and_the_run()
    {
        await using ProviderServer model = await Model(
            Wire.Calls(("createContainer", """{"name": "box", "autoStart": true, "stopTimeout": 0}""")), Wire.Calls(("waitForContainer", """{"container": "box", "timeout": "1h"}""")));
        using AgentRun run = new(_daemon, model, ["--timeout", "3s"]);
        (int code, _, string error) = await run.EndAsync();
        Assert.True(code == 3, error);
        Assert.Contains("the time of 3s is over", error, StringComparison.Ordinal);
        await run.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task An_interrupted_run_cleans_up()
    {
        await using ProviderServer model = await Model(
            Wire.Calls(("createContainer", """{"name": "box", "autoStart": true, "stopTimeout": 0}""")), new Reply(200, "") { Hangs = true });
        using AgentRun run = new(_daemon, model, []);
        await Deadline.Until(() => model.Requests.Count == 2, TimeSpan.FromSeconds(60));
        Assert.Single((await run.CallAsync("listContainers"))["containers"]!.AsArray());
        run.Interrupt();
        (int code, _, string error) = await run.EndAsync();
        Assert.True(code == 1, error);
        Assert.Contains("interrupted: cleaning up", error, StringComparison.Ordinal);
        Assert.Contains("its container box was removed", error, StringComparison.Ordinal);
        Assert.Equal("interrupted", run.Lines[^1]["outcome"]!.GetValue<string>());
        await run.AssertNothingIsLeftAsync();
    }

    [Theory]
    [InlineData(401, true, "failed_precondition: the model provider (openai) does not accept the API key")]
    [InlineData(503, false, "unavailable: the model provider (openai) has a failure of its own")]
    public async Task A_failure_of_the_provider_ends_the_run_with_what_to_do(int status, bool later, string says)
    {
        Reply failure = Wire.Error("openai", status, $"no luck with {Wire.Key}");
        await using ProviderServer model = await Model(later ? Wire.Calls(("createContainer", """{"name": "box"}""")) : failure, failure);
        using AgentRun run = new(_daemon, model, []);
        (int code, _, string error) = await run.EndAsync();
        Assert.True(code == 1, error);
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.DoesNotContain(Wire.Key, error + run.Transcript, StringComparison.Ordinal);
        await run.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task With_a_token_it_works_as_that_agent_and_leaves_it()
    {
        JsonNode agent = await AgentRun.CallAsync(_daemon, "createAgent", new JsonObject { ["name"] = "mine" });
        await using ProviderServer model = await Model(
            Wire.Calls(("createContainer", """{"name": "kept", "strategy": "service"}"""), ("createContainer", """{"name": "gone"}""")), Answer("Made."));
        using AgentRun run = new(_daemon, model, ["--json"], agent["token"]!.GetValue<string>());
        (int code, string output, string error) = await run.EndAsync();
        Assert.True(code == 0, error);
        Assert.Equal(run.Transcript.Split('\n').Length, output.Split('\n').Length);
        Assert.All(output.TrimEnd('\n').Split('\n'), line => Assert.NotNull(JsonNode.Parse(line)!["type"]));
        JsonArray left = (await run.CallAsync("listContainers"))["containers"]!.AsArray();
        Assert.Equal(["kept"], left.Select(c => c!["name"]!.GetValue<string>()));
        Assert.Equal(agent["agent"]!["id"]!.GetValue<string>(), left[0]!["agent"]!.GetValue<string>());
        await run.CallAsync("removeAgent", new JsonObject { ["agent"] = "mine", ["force"] = true });
        await run.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task An_agent_may_do_what_its_configuration_grants_and_no_more()
    {
        await using ProviderServer model = await Model(Wire.Calls(("createContainer", """{"name": "box"}""")), Wire.Calls(("listContainers", "{}")), Answer("I may not."));
        using AgentRun run = new(_daemon, model, [], grant: "{tools: {allow: [list*]}}");
        (int code, _, string error) = await run.EndAsync();
        Assert.True(code == 0, error);
        Assert.Contains("in its standing session", error, StringComparison.Ordinal);
        Assert.DoesNotContain("createContainer", Wire.Json(model.Requests[0].Body).GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("function").GetProperty("name").GetString()));
        await run.AssertNothingIsLeftAsync();
    }

    [Theory]
    [InlineData("no task is given", "--config", "agent.yaml")]
    [InlineData("no configuration is given", "task")]
    [InlineData("there is no option --fast", "--fast", "--config", "agent.yaml", "task")]
    [InlineData("cannot be read", "--config", "no-such.yaml", "task")]
    [InlineData("names no model", "--config", "agent.yaml", "task")]
    [InlineData("modle", "--config", "typo.yaml", "task")]
    [InlineData("no number of tokens", "--max-tokens", "-5", "--config", "agent.yaml", "task")]
    public async Task A_wrong_command_line_or_configuration_is_told_before_anything_is_done(string says, params string[] words)
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder["agent.yaml"], "name: tester\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["typo.yaml"], "modle: {}\n", TestContext.Current.CancellationToken);
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(Programs.Folder, "quilt-cognition"), ["run", .. words]) { WorkingDirectory = folder.Path, RedirectStandardError = true })!;
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.Contains("remedy: ", error, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }
}
