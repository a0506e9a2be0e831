using System.Text.Json;

namespace Quilt.Examples;

/// <summary>A ledger that helpers write to and read over HTTP.</summary>
internal static class Service
{
    internal const string Name = "ledger", Network = "work";
    internal const int Port = 8080;

    internal static async Task StartAsync(McpAgent agent)
    {
        // In an isolated network the members reach what one of them exposes, and nothing else.
        await agent.CallAsync("createNetwork", new { name = Network, policy = "isolated", strategy = "service" });
        await agent.CallAsync("createContainer", new
        {
            name = Name,
            command = new[] { "httpd", "-f", "-p", $"{Port}", "-h", "/www" },
            strategy = "service",
            ttl = "1h", // should its agent forget it
            networks = new[] { Network },
            memory = "64MiB",
        });
        await agent.CallAsync("copyToContainer", new { container = Name, path = "/www/cgi-bin/add", content = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "add")), mode = "0755", parents = true });
        await agent.CallAsync("exposePort", new { container = Name, port = Port });
        await agent.CallAsync("startContainer", new { container = Name });
        await agent.CallAsync("waitForContainer", new { container = Name, until = "port", port = Port, timeout = "10s" });
    }

    /// <summary>In order of their names.</summary>
    internal static async Task<string[]> ContainersAsync(McpAgent agent) =>
        [.. (await agent.CallAsync("listContainers", new { })).GetProperty("containers").EnumerateArray().Select(c => c.GetProperty("name").GetString()!).Order()];

    /// <summary>Its lines in order.</summary>
    internal static async Task<string[]> LedgerAsync(McpAgent agent)
    {
        JsonElement ledger = await agent.CallAsync("copyFromContainer", new { container = Name, path = "/www/ledger" });
        return [.. ledger.GetProperty("content").GetString()!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order()];
    }

    internal static async Task RemoveAsync(McpAgent agent)
    {
        await agent.CallAsync("removeContainer", new { container = Name, force = true });
        await agent.CallAsync("removeNetwork", new { network = Network });
    }
}
