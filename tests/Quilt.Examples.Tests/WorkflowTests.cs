using System.Text.Json;
using Quilt.Client;
using Quilt.Daemon.Tests;
using Quilt.Testing;

namespace Quilt.Examples.Tests;

/// <summary>Examples that use whatever daemon there is: each as an agent of its own, which has nothing left afterwards.</summary>
public sealed class WorkflowTests(WorkflowDaemon fixture) : IClassFixture<WorkflowDaemon>
{
    [Fact]
    public async Task A_test_matrix_runs_in_forks_of_one_workspace()
    {
        string token = await fixture.AgentAsync();
        string said = await Example.RunAsync("test-matrix", "TestMatrix", fixture.Daemon, token);
        Assert.Equal((6, 2), (said.Split("passed  ").Length - 1, said.Split("FAILED  ").Length - 1));
        await fixture.AssertNothingIsLeftAsync(token);
    }

    [Fact]
    public async Task A_pipeline_hands_its_data_on_by_volumes()
    {
        string token = await fixture.AgentAsync();
        Assert.Contains("it is what it should be", await Example.RunScriptAsync("data-pipeline/run.sh", fixture.Daemon, token), StringComparison.Ordinal);
        await fixture.AssertNothingIsLeftAsync(token);
    }

    [Fact]
    public async Task A_service_outlives_its_helpers_and_its_agents_connection()
    {
        string token = await fixture.AgentAsync();
        Assert.Contains("ok  nothing is left", await Example.RunAsync("service-with-helpers", "ServiceWithHelpers", fixture.Daemon, token), StringComparison.Ordinal);
        await fixture.AssertNothingIsLeftAsync(token);
    }

    [Fact]
    public async Task Code_that_nobody_vouches_for_reaches_one_domain()
    {
        const string server = "11.22.33.44", page = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\npage";
        await using Outside outside = await Outside.StartAsync(server);
        outside.Serve(server, 80, page);
        outside.Serve(server, 443, page);
        outside.Names["allowed.example"] = outside.Names["neighbour.example"] = server;
        string said = await Example.RunAsync("untrusted-code", "UntrustedCode", outside.Daemon, null, "allowed.example", "neighbour.example");
        Assert.Contains("fetch from allowed.example: done", said, StringComparison.Ordinal);
        Assert.Contains("fetch from neighbour.example: refused", said, StringComparison.Ordinal);
    }
}

public sealed class WorkflowDaemon : IAsyncLifetime
{
    public DaemonProcess Daemon { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Daemon = await DaemonProcess.StartAsync();

    public ValueTask DisposeAsync() => Daemon.DisposeAsync();

    /// <returns>The token of a new one.</returns>
    internal async Task<string> AgentAsync()
    {
        using QuiltClient client = Client(null);
        return (await client.CallToolAsync<JsonElement>("createAgent", new { name = $"agent-{Guid.NewGuid():N}" })).GetProperty("token").GetString()!;
    }

    internal async Task AssertNothingIsLeftAsync(string token)
    {
        using QuiltClient client = Client(token);
        foreach ((string tool, string list) in ((string, string)[])[("listContainers", "containers"), ("listVolumes", "volumes"), ("listNetworks", "networks"), ("listSnapshots", "snapshots"), ("listTasks", "tasks")])
        {
            JsonElement left = (await client.CallToolAsync(tool)).GetProperty(list);
            Assert.True(left.GetArrayLength() == 0, $"{list} are left: {left}");
        }
    }

    private QuiltClient Client(string? token) => new(new QuiltClientOptions { Host = $"unix://{Daemon.Socket}", Token = token });
}
