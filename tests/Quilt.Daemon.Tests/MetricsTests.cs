using System.Net;
using System.Text.Json;
using Quilt.Api.V1;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>What Prometheus reads, and logs that programs read.</summary>
public sealed class MetricsTests(DaemonFixture fixture)
{
    [Fact]
    public async Task Counts_usage_and_calls_are_told_as_prometheus_reads_them()
    {
        Container container = await fixture.Client.Run(new ContainerSpec { Command = { "sleep", "1000" } });
        await fixture.Client.ToolRefused("startContainer", new { container = "no-such" });
        using HttpClient http = fixture.Daemon.Http();
        string[] lines = await Scrape(http);

        Assert.True(Value(lines, "quilt_containers", "state=\"running\"") >= 1);
        Assert.True(Value(lines, "quilt_container_memory_bytes", $"id=\"{container.Id}\"") > 0);
        Assert.True(Value(lines, "quilt_container_cpu_time_seconds_total", $"id=\"{container.Id}\"") > 0);
        Assert.True(Value(lines, "quilt_container_pids", $"id=\"{container.Id}\"") >= 1);
        Assert.True(Value(lines, "quilt_call_duration_seconds_count", "tool=\"createContainer\"") >= 1);
        Assert.True(Value(lines, "quilt_call_duration_seconds_count", "tool=\"startContainer\"", "outcome=\"failed\"") >= 1);
        Assert.True(Value(lines, "quilt_images", "") >= 1);
        Assert.True(Value(lines, "quilt_events_total", "") >= 1);
        Assert.Contains(lines, l => l.StartsWith("dotnet_gc_", StringComparison.Ordinal));
        await fixture.Client.Remove(container.Id);
    }

    [Fact]
    public async Task A_scrape_tells_of_what_came_and_went_since_the_one_just_before()
    {
        using HttpClient http = fixture.Daemon.Http();
        await Scrape(http);
        Container container = await fixture.Client.Run(new ContainerSpec { Command = { "sleep", "1000" } });
        Assert.True(Value(await Scrape(http), "quilt_container_pids", $"id=\"{container.Id}\"") >= 1);
        await fixture.Client.Remove(container.Id);
        Assert.DoesNotContain(await Scrape(http), l => l.Contains(container.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Agents_read_the_metrics_only_where_their_grant_says_so()
    {
        using HttpClient http = fixture.Daemon.Http();
        (object Grant, HttpStatusCode Expected)[] grants =
        [
            (new { }, HttpStatusCode.Forbidden), // the default does not have it
            (new { tools = new { allow = new[] { "*" }, level = "dangerous" } }, HttpStatusCode.Forbidden),
            (new { tools = new { scopes = new[] { "host" } } }, HttpStatusCode.OK),
        ];
        foreach ((object grant, HttpStatusCode expected) in grants)
        {
            JsonElement agent = await fixture.Client.Tool("createAgent", new { name = $"m{Guid.NewGuid():N}"[..20], config = new { grant } });
            using HttpRequestMessage request = new(HttpMethod.Get, "/metrics");
            request.Headers.Authorization = new("Bearer", agent.Text("token"));
            using HttpResponseMessage response = await http.SendAsync(request, Cancellation);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task Names_that_are_no_tools_are_one_series_and_told_printably()
    {
        using HttpClient http = fixture.Daemon.Http();
        string made = $"bogus{Guid.NewGuid():N}", strange = made + "\u001b[2J" + new string('x', 100);
        await fixture.Client.ToolRefused(made);
        await fixture.Client.ToolRefused(strange, token: "quilt_wrong");
        string[] lines = await Scrape(http);
        Assert.DoesNotContain(lines, l => l.Contains(made, StringComparison.Ordinal));
        Assert.True(Value(lines, "quilt_call_duration_seconds_count", "tool=\"unknown\"") >= 1);

        JsonElement[] audited = [.. (await fixture.Client.Tool("getAudit")).GetProperty("entries").EnumerateArray().Where(e => e.Text("tool").StartsWith(made, StringComparison.Ordinal))];
        Assert.Equal([(made, "operator"), ((made + "\\u001b[2J" + new string('x', 100))[..64], "(nobody)")], audited.Select(e => (e.Text("tool"), e.Text("agent"))));
    }

    private static async Task<string[]> Scrape(HttpClient http)
    {
        using HttpResponseMessage response = await http.GetAsync("/metrics", Cancellation);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        return (await response.Content.ReadAsStringAsync(Cancellation)).Split('\n');
    }

    private static double Value(string[] lines, string name, params string[] labels) => double.Parse(
        lines.First(l => (l.StartsWith(name + "{", StringComparison.Ordinal) || l.StartsWith(name + " ", StringComparison.Ordinal)) && labels.All(label => l.Contains(label, StringComparison.Ordinal)))
            .Split("} ")[^1].Split(' ')[^(1)], System.Globalization.CultureInfo.InvariantCulture);
}
