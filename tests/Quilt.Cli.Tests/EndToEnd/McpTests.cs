using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Quilt.Linux;

namespace Quilt.Cli.Tests;

/// <summary>The Model Context Protocol on our standard streams, as a client would speak it.</summary>
public sealed class McpTests(CliDaemon daemon)
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""";

    private const string Initialized = """{"jsonrpc":"2.0","method":"notifications/initialized"}""";

    [Fact]
    public async Task A_client_is_answered_while_its_side_stays_open()
    {
        using Process process = Process.Start(daemon.Start("mcp"))!;
        string call = """{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"listContainers","arguments":{}}}""";
        Assert.Equal("quilt", (await Ask(process, Initialize)).GetProperty("serverInfo").GetProperty("name").GetString());
        await process.StandardInput.WriteLineAsync(Initialized);
        Assert.True((await Ask(process, call)).TryGetProperty("content", out _));
        CliResult end = await CliDaemon.Finish(process);
        Assert.Equal((0, ""), (end.ExitCode, end.Stderr));
    }

    [Fact]
    public async Task All_is_answered_before_it_ends_and_nothing_else_is_on_stdout()
    {
        string call = """{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"listContainers","arguments":{}}}""";
        CliResult result = await daemon.Run(["mcp"], Encoding.UTF8.GetBytes($$"""{{Initialize}}{{"\n"}}{{Initialized}}{{"\n\n"}}{"jsonrpc":"2.0","id":2,"method":"tools/list"}{{"\r\n"}}{{call}}"""));
        Assert.True(result.ExitCode == 0, result.Stderr);
        Assert.Empty(result.Stderr);
        Dictionary<int, JsonElement> answers = Answers(result.Stdout);
        Assert.Equal([1, 2, 3], answers.Keys.Order());
        Assert.Contains(answers[2].GetProperty("result").GetProperty("tools").EnumerateArray(), t => t.GetProperty("name").GetString() == "execInContainer");
        Assert.True(answers[3].GetProperty("result").TryGetProperty("content", out _));
    }

    [Fact]
    public async Task Lazy_it_shows_fewer_tools()
    {
        Assert.True(await Tools("mcp", "--lazy") < await Tools("mcp"));
    }

    [Fact]
    public async Task A_wrong_token_is_told_on_stderr()
    {
        CliResult result = await daemon.Run(["mcp", "--token", "quilt_nobody"], Encoding.UTF8.GetBytes(Initialize));
        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Stdout);
        Assert.Contains("  remedy: ", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_ends_it_in_order_though_two_come_at_once()
    {
        using Process process = Process.Start(daemon.Start("mcp"))!;
        await Ask(process, Initialize); // before which others' containers may be told of
        Sys.Kill(process.Id, Signals.Terminate);
        Sys.Kill(process.Id, Signals.Terminate);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task A_client_that_dies_while_it_waits_takes_it_along_and_its_session_is_an_orphan()
    {
        using Process process = Process.Start(daemon.Start("mcp"))!;
        await Ask(process, Initialize);
        await process.StandardInput.WriteLineAsync(Initialized);
        await Ask(process, """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"createContainer","arguments":{"name":"forsaken","strategy":"session"}}}""");
        string session = (await Sessions()).Single(s => s.GetProperty("containers").GetRawText() != "0").GetProperty("id").GetString()!;
        await process.StandardInput.WriteLineAsync("""{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"waitForContainer","arguments":{"container":"forsaken","timeout":"1h"}}}""");
        await process.StandardInput.WriteLineAsync("""{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"waitForContainer","arguments":{"container":"forsaken","timeout":"2s"}}}""");
        process.StandardInput.Close();
        await Answer(process, 4); // what is under way is answered to whoever reads
        Assert.False(process.HasExited);
        process.StandardOutput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.BrokenPipe, process.ExitCode);
        Assert.Equal("orphaned", (await Sessions()).Single(s => s.GetProperty("id").GetString() == session).GetProperty("state").GetString());
        Assert.Equal(0, (await daemon.Run("session", "end", session)).ExitCode);
    }

    [Fact]
    public async Task What_is_no_message_is_told_on_the_line_of_its_place_and_a_line_without_an_end_ends_it()
    {
        string ping = """{"jsonrpc":"2.0","id":3,"method":"ping"}""";
        CliResult odd = await daemon.Run(["mcp"], Encoding.UTF8.GetBytes($"{Initialize}\n{{\"jsonrpc\":\n\0\n[]\n[{ping},{ping}]\n{ping}"));
        Assert.True(odd.ExitCode == 0, odd.Stderr);
        JsonElement[] all = [.. odd.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.Contains(all, m => m.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.Number && id.GetInt32() == 3 && m.TryGetProperty("result", out _));
        Assert.Contains(all, m => m.TryGetProperty("error", out JsonElement e) && e.GetProperty("code").GetInt32() == -32700);
        byte[] endless = new byte[(16 << 20) + 2];
        Array.Fill(endless, (byte)'[');
        CliResult result = await daemon.Run(["mcp"], endless);
        Assert.Equal((2, ""), (result.ExitCode, result.Stdout));
        Assert.Contains("a line has more than 16777216 bytes", result.Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"listContainers","arguments":5}}""", -32602, "Invalid params of tools/call: arguments is not")]
    [InlineData("""{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":5}}""", -32602, "name is not")]
    [InlineData("""{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{}}""", -32602, "there is no name")]
    [InlineData("""{"jsonrpc":"2.0","id":3,"method":"tools/call"}""", -32602, "there is no name")]
    [InlineData("""{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":null}}""", -32602, "there is no name")]
    [InlineData("""{"jsonrpc":"2.0","id":3,"method":"resources/read"}""", -32602, "there are none; give uri")]
    [InlineData("""{"jsonrpc":"2.0","id":3,"method":"tools/list","params":[1]}""", -32602, "they are no object")]
    [InlineData("""{"jsonrpc":"2.0","id":3,"method":"resources/read","params":{"uri":{}}}""", -32602, "uri is not")]
    [InlineData("""{"jsonrpc":"2.0","id":3,"method":"logging/setLevel","params":{"level":"zzz"}}""", -32602, "level is not")]
    [InlineData("""{"jsonrpc":"1.0","id":3,"method":"tools/list"}""", -32600, "JSON-RPC 2.0")]
    [InlineData("""{"jsonrpc":"2.0","id":3}""", -32600, "JSON-RPC 2.0")]
    public async Task What_is_wrong_with_a_request_is_said_to_its_id(string request, int code, string message)
    {
        CliResult result = await daemon.Run(["mcp"], Encoding.UTF8.GetBytes($"{Initialize}\n{Initialized}\n{request}\n"));
        Assert.True(result.ExitCode == 0, result.Stderr);
        JsonElement error = Answers(result.Stdout)[3].GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetInt32());
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private async Task<JsonElement[]> Sessions() =>
        [.. JsonDocument.Parse((await daemon.Run("session", "ls", "--json")).Stdout).RootElement.GetProperty("sessions").EnumerateArray()];

    private async Task<int> Tools(params string[] words)
    {
        using Process process = Process.Start(daemon.Start(words))!;
        await Ask(process, Initialize);
        await process.StandardInput.WriteLineAsync(Initialized);
        int count = (await Ask(process, """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""")).GetProperty("tools").GetArrayLength();
        Assert.Equal(0, (await CliDaemon.Finish(process)).ExitCode);
        return count;
    }

    /// <summary>Sends a request; the result of the answer to it. What the daemon tells by itself meanwhile is passed over.</summary>
    private static async Task<JsonElement> Ask(Process process, string request)
    {
        int id = JsonDocument.Parse(request).RootElement.GetProperty("id").GetInt32();
        await process.StandardInput.WriteLineAsync(request);
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        return await Answer(process, id);
    }

    private static async Task<JsonElement> Answer(Process process, int id)
    {
        while (true)
        {
            string line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            JsonElement message = JsonDocument.Parse(line).RootElement;
            if (message.TryGetProperty("id", out JsonElement of) && of.GetInt32() == id)
            {
                return message.GetProperty("result");
            }
        }
    }

    /// <summary>By their ids; every line has to be JSON-RPC.</summary>
    private static Dictionary<int, JsonElement> Answers(string stdout)
    {
        JsonElement[] all = [.. stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.All(all, m => Assert.Equal("2.0", m.GetProperty("jsonrpc").GetString()));
        return all.Where(m => m.TryGetProperty("id", out _)).ToDictionary(m => m.GetProperty("id").GetInt32());
    }
}
