using System.Text.Json;

namespace Quilt.Examples;

/// <summary>What cannot be reached, each where somebody listens, so that nobody can say that it is refused for want of one.</summary>
internal static class Isolation
{
    private const int OtherPort = 5433;

    internal static async Task ProveAsync(McpAgent agent)
    {
        await agent.CallAsync("execInContainer", new
        {
            container = Names.Database,
            command = new[] { "perl", "-MIO::Socket", "-e", $"my $other = IO::Socket::INET->new(Listen => 8, LocalPort => {OtherPort}); while ($other->accept) {{}}" },
            background = true,
        });
        await agent.CallAsync("waitForContainer", new { container = Names.Database, until = "port", port = OtherPort, timeout = "10s" });
        JsonElement web = await agent.CallAsync("getContainerNetworkInfo", new { container = Names.Web });
        string webAddress = web.GetProperty("address").GetString()!;
        Steps.Check("the web server reaches the database", await ReachesAsync(agent, Names.Web, Names.Database, Names.DatabasePort));
        Steps.Check("but no other port of it", !await ReachesAsync(agent, Names.Web, Names.Database, OtherPort) && await ReachesAsync(agent, Names.Database, "127.0.0.1", OtherPort));
        Steps.Check("the database does not reach the web server", !await ReachesAsync(agent, Names.Database, webAddress, Names.WebPort) && await ReachesAsync(agent, Names.Web, "127.0.0.1", Names.WebPort));
        Steps.Check("nor knows its name", (await agent.ExecAsync(Names.Database, ["getent", "hosts", Names.Web])).ExitCode != 0);
        Steps.Check("what the builds reached, neither reaches now", !await ReachesAsync(agent, Names.Web, Up.MirrorHost, 80) && !await ReachesAsync(agent, Names.Database, Up.MirrorHost, 80));
        JsonElement topology = await agent.CallAsync("getNetworkTopology", new { });
        Steps.Check("one edge is all there is", topology.GetProperty("edges").GetArrayLength() == 1);
    }

    private static async Task<bool> ReachesAsync(McpAgent agent, string from, string host, int port) =>
        (await agent.ExecAsync(from, ["timeout", "5", "bash", "-c", $"</dev/tcp/{host}/{port}"])).ExitCode == 0;
}
