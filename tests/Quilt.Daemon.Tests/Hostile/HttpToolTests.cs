using System.Net.Http.Headers;
using Quilt.Fuzzing;
using Xunit;

namespace Quilt.Daemon.Tests.Hostile;

/// <summary>What a caller may send over HTTP in place of a tool's arguments.</summary>
public sealed class HttpToolTests(HostileDaemon hostile) : IClassFixture<HostileDaemon>
{
    [Fact]
    public void Arguments_that_are_anything_are_answered_and_their_failure_is_not_the_daemons()
    {
        using HttpClient http = hostile.Http();
        hostile.Survives(() => Fuzz.Run(
            MutatedJson.Of("""{"all":true,"labels":{"a":"b"},"limit":5,"idempotencyKey":"k"}""", """{"container":"a","idempotencyKey":"k"}"""),
            body => Assert.InRange(Calls(http, body), 200, 499),
            iterations: 400));
    }

    [Theory]
    [InlineData("""{"\ud800 and so on, as long as a key":1}""")]
    [InlineData("""{"idempotencyKey":"\ud800"}""")]
    public void Half_a_character_is_the_callers_failure(string body)
    {
        using HttpClient http = hostile.Http();
        Assert.Equal(400, Calls(http, System.Text.Encoding.UTF8.GetBytes(body)));
    }

    private static int Calls(HttpClient http, byte[] body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/tools/listContainers") { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        using HttpResponseMessage answer = http.Send(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }
}
