using System.Text.Json;

namespace Quilt.Examples;

internal static class CheckAgain
{
    internal static async Task RunAsync()
    {
        await using McpAgent agent = await McpAgent.ConnectAsync(Names.Session);
        using HttpClient host = new();
        Steps.Heading("What was made is there, for another connection and another quiltd");
        JsonElement all = await agent.CallAsync("listContainers", new { });
        string[] running = [.. all.GetProperty("containers").EnumerateArray().Where(c => c.GetProperty("state").GetString() == "running").Select(c => c.GetProperty("name").GetString()!).Order()];
        Steps.Check("both containers run on", running is [Names.Database, Names.Web], string.Join(", ", running));
        Notes notes = await Notes.FindAsync(agent, host);
        string[] before = await notes.AllAsync();
        Steps.Check("the notes are kept", before is ["the first note", ..], string.Join(", ", before));

        Steps.Heading("Both are restarted");
        await agent.CallAsync("restartContainer", new { container = Names.Database });
        await agent.CallAsync("waitForContainer", new { container = Names.Database, until = "healthy", timeout = "60s" });
        await agent.CallAsync("restartContainer", new { container = Names.Web });
        await agent.CallAsync("waitForContainer", new { container = Names.Web, until = "port", port = Names.WebPort, timeout = "30s" });
        await notes.AddAsync("after a restart");
        string[] after = await notes.AllAsync();
        Steps.Check("what they knew they know, and more is added to it", after.SequenceEqual([.. before, "after a restart"]), string.Join(", ", after));
    }
}
