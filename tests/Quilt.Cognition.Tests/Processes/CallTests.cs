using System.Diagnostics;
using System.Text.Json;
using Quilt.Cognition.Tests.Documents;
using Quilt.Cognition.Tests.Providers;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Cognition.Tests.Processes;

/// <summary>The program as the daemon uses it.</summary>
[Collection(ProcessCollection.Name)]
public sealed class CallTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Wire.Providers), MemberType = typeof(Wire))]
    public async Task Every_provider_is_reached_with_a_key_that_root_alone_may_read(string provider)
    {
        await using LeakCheck leaks = Cognition.Leaks();
        await using ProviderServer server = await ProviderServer.Start(Wire.Text(provider, Wire.Pondered));
        using KeyFile key = new(Wire.Key);
        CognitionConfig config = new() { Model = Wire.Config(provider, server.Address) with { ApiKeyFile = key.Path } };
        PonderResult result = await new CognitionProcess(Cognition.Program).Call(CognitiveTools.Ponder, new PonderArguments { Question = "q" }, config, null, Cancellation);
        Assert.Equal("yes", result.Conclusion);
        Assert.Equal("Bearer " + Wire.Key, server.Requests[0].Headers["Authorization"]);
    }

    [Fact]
    public async Task The_process_that_speaks_with_a_provider_is_nobody_and_closed_to_others()
    {
        await using LeakCheck leaks = Cognition.Leaks();
        await using ProviderServer server = await ProviderServer.Start(new Reply(200, "") { Hangs = true });
        using CancellationTokenSource stop = new();
        int pid = 0;
        CognitionConfig config = new() { Model = Wire.Config("openai", server.Address) };
        Task call = new CognitionProcess(Cognition.Program).Call(CognitiveTools.Ponder, new PonderArguments { Question = "q" }, config, p => pid = p, stop.Token);
        await Deadline.Until(() => server.Requests.Count == 1, TimeSpan.FromSeconds(30));

        Assert.All(Directory.EnumerateDirectories($"/proc/{pid}/task"), thread =>
        {
            Assert.Equal("65534 65534 65534 65534", Cognition.Status(thread, "Uid"));
            Assert.Equal("65534 65534 65534 65534", Cognition.Status(thread, "Gid"));
            Assert.Equal("", Cognition.Status(thread, "Groups"));
            Assert.Equal("0000000000000000", Cognition.Status(thread, "CapPrm"));
        });
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task A_key_in_the_environment_reaches_the_process_and_nothing_else_of_the_environment_does()
    {
        await using ProviderServer server = await ProviderServer.Start(new Reply(200, "") { Hangs = true });
        Environment.SetEnvironmentVariable("QUILT_TEST_KEY", Wire.Key);
        Environment.SetEnvironmentVariable("QUILT_TEST_OTHER", "private");
        using CancellationTokenSource stop = new();
        int pid = 0;
        CognitionConfig config = new() { Model = Wire.Config("openai", server.Address) with { ApiKeyEnv = "QUILT_TEST_KEY" } };
        Task call = new CognitionProcess(Cognition.Program).Call(CognitiveTools.Ponder, new PonderArguments { Question = "q" }, config, p => pid = p, stop.Token);
        await Deadline.Until(() => server.Requests.Count == 1, TimeSpan.FromSeconds(30));
        Assert.Equal("Bearer " + Wire.Key, server.Requests[0].Headers["Authorization"]);
        Assert.DoesNotContain("QUILT_TEST_OTHER", await File.ReadAllTextAsync($"/proc/{pid}/environ", Cancellation), StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task A_failure_keeps_its_code_field_and_remedy()
    {
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => new CognitionProcess(Cognition.Program).Call(
            CognitiveTools.WebSearch, new WebSearchArguments { Query = "q", Count = 99 }, new CognitionConfig(), null, Cancellation));
        Assert.Equal((ErrorCode.InvalidArgument, "count"), (failure.Code, failure.Field));
        Assert.NotNull(failure.Remedy);

        failure = await Assert.ThrowsAsync<QuiltException>(() => new CognitionProcess(Cognition.Program).Call("rmTool", Wire.Json("{}"), new CognitionConfig(), null, Cancellation));
        Assert.Equal(ErrorCode.NotFound, failure.Code);
    }

    [Fact]
    public async Task A_question_about_a_document_is_answered_from_its_text()
    {
        await using LeakCheck leaks = Cognition.Leaks();
        await using ProviderServer server = await ProviderServer.Start(Wire.Text("openai", """{"found":true,"text":"42","quotes":["Bob\t42","not in it"]}"""));
        ParseDocumentResult result = await new CognitionProcess(Cognition.Program).Call(
            CognitiveTools.ParseDocument,
            new ParseDocumentArguments { ContentBase64 = Convert.ToBase64String(Office.Word()), Question = "How old is Bob?" },
            new CognitionConfig { Model = Wire.Config("openai", server.Address), Documents = Cognition.Usual }, null, Cancellation);
        Assert.Equal(("42", true), (result.Answer!.Text, result.Answer.Found));
        Assert.Equal(["Bob\t42"], result.Answer.Quotes);
        Assert.Contains("Hello, world.", server.Requests[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operators_limit_of_output_holds_against_the_callers_wish()
    {
        ParseDocumentResult result = await new CognitionProcess(Cognition.Program).Call(
            CognitiveTools.ParseDocument, new ParseDocumentArguments { Content = new string('x', 5_000), MaxChars = 4_000 },
            new CognitionConfig { Documents = Cognition.Usual with { MaxOutputChars = 1_000 } }, null, Cancellation);
        Assert.Equal((1_000, 1_000), (result.Text.Length, result.NextOffset!.Value));
    }

    [Fact]
    public async Task A_document_larger_than_the_limit_is_refused_before_it_is_read()
    {
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Cognition.Parse(new byte[2_000_000], new DocumentLimits { MaxDocumentBytes = 1 << 20 }));
        Assert.Equal((ErrorCode.ResourceExhausted, "contentBase64"), (failure.Code, failure.Field));
    }

    [Fact]
    public async Task The_program_works_where_root_alone_can_reach_it()
    {
        await using LeakCheck leaks = Cognition.Leaks();
        using TemporaryFolder folder = new();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string program = folder["quilt-cognition"];
        File.Copy(Cognition.Program, program);
        await using ProviderServer server = await ProviderServer.Start(Wire.Text("openai", Wire.Pondered));
        await using ProviderServer anthropic = await ProviderServer.Start(Wire.Text("anthropic", Wire.Pondered));
        await using ProviderServer ollama = await ProviderServer.Start(Wire.Text("ollama", Wire.Pondered));
        foreach (ModelConfig model in new[] { Wire.Config("openai", server.Address), Wire.Config("anthropic", anthropic.Address), Wire.Config("ollama", ollama.Address) })
        {
            Assert.Equal("yes", (await new CognitionProcess(program).Call(CognitiveTools.Ponder, new PonderArguments { Question = "q" }, new CognitionConfig { Model = model }, null, Cancellation)).Conclusion);
        }

        foreach (byte[] document in new[] { Office.Word(), Office.Workbook(), Office.Slides(), Pdf.Pages("x"), "<html><body>x"u8.ToArray(), "# x"u8.ToArray(), "{}"u8.ToArray() })
        {
            ParseDocumentArguments arguments = new() { ContentBase64 = Convert.ToBase64String(document), FileName = "x" };
            Assert.NotNull(await new CognitionProcess(program).Call(CognitiveTools.ParseDocument, arguments, new CognitionConfig(), null, Cancellation));
        }
    }

    [Fact]
    public async Task A_program_that_is_missing_is_said_so()
    {
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => new CognitionProcess("/nonexistent/quilt-cognition").Call(
            CognitiveTools.Ponder, new PonderArguments { Question = "q" }, new CognitionConfig(), null, Cancellation));
        Assert.Equal(ErrorCode.FailedPrecondition, failure.Code);
        Assert.DoesNotContain("/nonexistent", failure.Message + failure.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo oops >&2; exit 3", ErrorCode.Internal)]
    [InlineData("echo not json", ErrorCode.Internal)]
    [InlineData("echo '{}'", ErrorCode.Internal)]
    [InlineData("kill -9 $$", ErrorCode.ResourceExhausted)]
    [InlineData("exec head -c 40000000 /dev/zero", ErrorCode.ResourceExhausted)]
    public async Task A_program_that_misbehaves_is_a_failure_with_a_code_and_no_process_is_left(string script, ErrorCode code)
    {
        await using LeakCheck leaks = Cognition.Leaks();
        using TemporaryFolder folder = new();
        List<string> logged = [];
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Call(folder, script, logged.Add));
        Assert.Equal(code, failure.Code);
        Assert.DoesNotContain("oops", failure.Message, StringComparison.Ordinal);
        Assert.Equal(script.Contains("oops", StringComparison.Ordinal) ? ["oops\n"] : [], logged);
    }

    [Fact]
    public async Task A_program_that_never_ends_is_ended_with_its_children()
    {
        await using LeakCheck leaks = Cognition.Leaks();
        using TemporaryFolder folder = new();
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Call(folder, "sleep 1000 & sleep 1000", null, TimeSpan.FromMilliseconds(300)));
        Assert.Equal(ErrorCode.DeadlineExceeded, failure.Code);
    }

    [Fact]
    public async Task It_is_confined_before_it_is_told_what_to_do()
    {
        using TemporaryFolder folder = new();
        string seen = folder["seen"];
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Call(
            folder, $"test -e {seen} || exit 9; cat >/dev/null; echo '{{\"error\":{{\"code\":\"aborted\",\"message\":\"m\"}}}}'", null, confine: _ => File.WriteAllText(seen, "")));
        Assert.True(File.Exists(seen));
        Assert.NotNull(failure);

        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Call(folder, "sleep 1000", null, confine: _ => throw new InvalidOperationException("no group")));
        Assert.Equal("no group", refused.Message);
    }

    [Fact]
    public async Task A_caller_that_dies_takes_the_call_with_it()
    {
        await using LeakCheck leaks = Cognition.Leaks();
        await using ProviderServer server = await ProviderServer.Start(new Reply(200, "") { Hangs = true });
        byte[] request = JsonSerializer.SerializeToUtf8Bytes(
            new CallRequest { Tool = "ponderTool", Arguments = Wire.Json("""{"question":"q"}"""), Config = new CognitionConfig { Model = Wire.Config("openai", server.Address) } }, CognitionJson.Default.CallRequest);
        ProcessStartInfo start = new(Cognition.Program, ["call"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using Process process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync(request, Cancellation);
        process.StandardInput.Close();
        await Deadline.Until(() => server.Requests.Count == 1, TimeSpan.FromSeconds(30));
        process.StandardOutput.Close();
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(1, process.ExitCode);
    }

    private static Task<PonderResult> Call(TemporaryFolder folder, string script, Action<string>? log, TimeSpan? timeout = null, Action<int>? confine = null)
    {
        string program = folder.Script("program", "#!/bin/sh\nPATH=/usr/bin:/bin\n" + script + "\n");
        CognitionProcess process = new(program, log) { Timeout = timeout ?? TimeSpan.FromSeconds(60) };
        return process.Call(CognitiveTools.Ponder, new PonderArguments { Question = "q" }, new CognitionConfig(), confine, Cancellation);
    }
}
