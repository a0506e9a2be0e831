using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Fuzzing;
using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests.Hostile;

/// <summary>What a client of the Model Context Protocol may send in place of its messages, over standard streams (which the daemon sees as messages of gRPC) and over HTTP.</summary>
public sealed class McpFramingTests(HostileDaemon hostile) : IClassFixture<HostileDaemon>
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""";

    private const string Initialized = """{"jsonrpc":"2.0","method":"notifications/initialized"}""";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Messages =
    [
        Initialize, Initialized, """{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":"x"}}""",
        """{"jsonrpc":"2.0","id":"b","method":"tools/call","params":{"name":"listContainers","arguments":{"all":true},"_meta":{"progressToken":7}}}""",
        """{"jsonrpc":"2.0","id":4,"method":"resources/read","params":{"uri":"quilt://guide"}}""", """{"jsonrpc":"2.0","id":5,"method":"prompts/get","params":{"name":"onboarding"}}""",
        """{"jsonrpc":"2.0","id":6,"method":"completion/complete","params":{"ref":{"type":"ref/resource","uri":"quilt://containers/{container}/status"},"argument":{"name":"container","value":"a"}}}""",
        """{"jsonrpc":"2.0","id":7,"method":"logging/setLevel","params":{"level":"debug"}}""", """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,"reason":"x"}}""",
        """{"jsonrpc":"2.0","id":8,"result":{"roots":[]}}""", """{"jsonrpc":"2.0","id":9,"error":{"code":-32601,"message":"no","data":[1]}}""", """[{"jsonrpc":"2.0","id":10,"method":"ping"},{"jsonrpc":"2.0","id":10,"method":"ping"}]""",
    ];

    private static readonly Gen<byte[]> Message = MutatedJson.Of(Messages);

    [Fact]
    public void A_stream_of_messages_that_are_anything_is_answered_and_ends_when_the_client_ends_it() => hostile.Survives(() => Fuzz.Run(
        Gen.Select(Gen.Bool, Message.Array[1, 6]),
        input =>
        {
            string[] messages = [.. input.Item2.Select(Encoding.UTF8.GetString)];
            Status ended = Converse(input.Item1, messages);
            Assert.True(ended.StatusCode is StatusCode.OK or StatusCode.InvalidArgument, $"{ended} after {string.Join('\n', messages)}");
        },
        iterations: 300));

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":[]}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":null}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"\ud800"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":2,"method":"ping"} {"jsonrpc":"2.0","id":3,"method":"ping"}""")]
    [InlineData("""{"\ud800r":{"code":-32601,"message":"no","data":[1]}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"\ud800","method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"listTools","_meta":{"traceparent":"\ud800"}}}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    public void A_message_that_is_none_ends_nothing_of_what_is_asked_beside_it(string message)
    {
        List<string> answers = [];
        Assert.Equal(Status.DefaultSuccess, Converse(true, [message, """{"jsonrpc":"2.0","id":"last","method":"ping"}"""], answers));
        Assert.Contains(answers, a => JsonElement.Parse(a).TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String && id.GetString() == "last");
    }

    [Fact]
    public void A_lazy_client_that_names_no_unicode_is_refused()
    {
        List<string> answers = [];
        Assert.Equal(Status.DefaultSuccess, Converse(true, ["""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"callTool","arguments":{"name":"\ud800"}}}"""], answers, lazy: true));
        Assert.Contains(answers, a => a.Contains("\"id\":7", StringComparison.Ordinal) && a.Contains("-32602", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_requests_of_one_id_are_no_reason_to_wait_for_ever() => Assert.Equal(Status.DefaultSuccess, Converse(true,
        ["""{"jsonrpc":"2.0","id":5,"method":"ping"}""", """{"jsonrpc":"2.0","id":5,"method":"tools/list"}""", """{"jsonrpc":"2.0","id":5,"method":"ping"}"""]));

    [Fact]
    public void A_post_that_is_anything_is_answered_and_its_failure_is_not_the_daemons()
    {
        using HttpClient http = hostile.Http();
        hostile.Survives(() => Fuzz.Run(Message, body => Assert.InRange(Posts(http, body), 200, 499), iterations: 400));
    }

    /// <summary>JSON has it that names are different; the library looks only when it is asked for one of them.</summary>
    [Fact]
    public void A_post_with_a_name_twice_is_the_clients_failure()
    {
        using HttpClient http = hostile.Http();
        Assert.Equal(400, Posts(http, """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"a":1,"a":2}}"""u8.ToArray()));
    }

    [Fact]
    public void A_cancellation_of_what_nobody_waits_for_ends_nothing_that_is_asked_later_by_the_same_id()
    {
        List<string> answers = [];
        int[] ids = [.. Enumerable.Range(100, 50)];
        Assert.Equal(Status.DefaultSuccess, Converse(true, [.. ids.SelectMany(id => (string[])
        [
            $$"""{"jsonrpc":"2.0","params":{"requestId":{{id}} },"method":"notifications/cancelled"}""",
            $$"""{"jsonrpc":"2.0","id":{{id}},"method":"tools/list"}""",
        ])], answers));
        Assert.All(ids, id => Assert.Contains(answers, a => a.Contains($"\"id\":{id}", StringComparison.Ordinal)));
    }

    /// <summary>And ends the session that it may have begun.</summary>
    private static int Posts(HttpClient http, byte[] body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/mcp") { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        using HttpResponseMessage answer = http.Send(request, HttpCompletionOption.ResponseContentRead, TestContext.Current.CancellationToken);
        if (answer.Headers.TryGetValues("Mcp-Session-Id", out IEnumerable<string>? session))
        {
            using HttpRequestMessage end = new(HttpMethod.Delete, "/mcp");
            end.Headers.Add("Mcp-Session-Id", session.Single());
            using HttpResponseMessage ended = http.Send(end, TestContext.Current.CancellationToken);
            Assert.True(ended.IsSuccessStatusCode, $"{ended.StatusCode}");
        }

        return (int)answer.StatusCode;
    }

    /// <summary>Sends them one after the other and ends its side.</summary>
    /// <param name="first">Whether it begins as a client has to.</param>
    /// <returns>How the daemon ended its own.</returns>
    private Status Converse(bool first, string[] messages, List<string>? answers = null, bool lazy = false)
    {
        return RunAsync().WaitAsync(Patience).GetAwaiter().GetResult();

        async Task<Status> RunAsync()
        {
            using AsyncDuplexStreamingCall<McpMessage, McpMessage> call = hostile.Daemon.Client.Mcp(new Metadata { { "authorization", $"Bearer {hostile.Token}" } }, cancellationToken: TestContext.Current.CancellationToken);
            Task<Status> reading = ReadAsync(call, answers ?? []);
            try
            {
                foreach (string message in (string[])[.. first ? [Initialize, Initialized] : Array.Empty<string>(), .. messages])
                {
                    await call.RequestStream.WriteAsync(new McpMessage { Json = message, Lazy = lazy });
                }

                await call.RequestStream.CompleteAsync();
            }
            catch (Exception e) when (e is InvalidOperationException or RpcException)
            {
                // It has ended before: its status tells why.
            }

            return await reading;
        }
    }

    private static async Task<Status> ReadAsync(AsyncDuplexStreamingCall<McpMessage, McpMessage> call, List<string> answers)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
            {
                Assert.Equal("2.0", JsonElement.Parse(call.ResponseStream.Current.Json).GetProperty("jsonrpc").GetString());
                answers.Add(call.ResponseStream.Current.Json);
            }

            return Status.DefaultSuccess;
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }
}
