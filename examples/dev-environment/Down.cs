using System.Text.Json;

namespace Quilt.Examples;

internal static class Down
{
    internal static async Task RunAsync()
    {
        await using McpAgent agent = await McpAgent.ConnectAsync();
        using HttpClient host = new();
        Steps.Heading("The agent clears away what it made");
        Notes notes = await Notes.FindAsync(agent, host);
        JsonElement ended = await agent.CallAsync("endSession", new { session = Names.Session });
        string[] gone = [.. ended.GetProperty("report").GetProperty("containers").EnumerateArray().Where(c => c.GetProperty("outcome").GetString() == "removed").Select(c => c.GetProperty("name").GetString()!)];
        Steps.Check("the session's containers are stopped, the web server first, and removed", gone is [Names.Web, Names.Database], string.Join(", ", gone));
        await agent.CallAsync("removeVolume", new { volume = Names.Data });
        await agent.CallAsync("removeImage", new { image = Names.DatabaseImage });
        await agent.CallAsync("removeImage", new { image = Names.WebImage });

        await NothingIsLeftAsync(agent, "listContainers", "containers");
        await NothingIsLeftAsync(agent, "listVolumes", "volumes");
        await NothingIsLeftAsync(agent, "getNetworkTopology", "edges");
        JsonElement sessions = (await agent.CallAsync("listSessions", new { })).GetProperty("sessions");
        Steps.Check("the session has ended", !sessions.EnumerateArray().Any(s => s.TryGetProperty("name", out JsonElement name) && name.GetString() == Names.Session), sessions.ToString());
        Steps.Check("nobody answers at its port", !await AnswersAsync(host, notes.Address));
    }

    private static async Task NothingIsLeftAsync(McpAgent agent, string tool, string list)
    {
        JsonElement left = (await agent.CallAsync(tool, new { })).GetProperty(list);
        Steps.Check($"no {list} are left", left.GetArrayLength() == 0, left.ToString());
    }

    private static async Task<bool> AnswersAsync(HttpClient host, Uri address)
    {
        try
        {
            using HttpResponseMessage answer = await host.GetAsync(address);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
