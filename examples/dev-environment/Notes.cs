using System.Net.Http.Json;
using System.Text.Json;

namespace Quilt.Examples;

/// <summary>The web application, as a client on the host sees it.</summary>
internal sealed class Notes(HttpClient host, Uri address)
{
    internal Uri Address => address;

    /// <param name="agent">Knows which port of the host leads to it.</param>
    internal static async Task<Notes> FindAsync(McpAgent agent, HttpClient host)
    {
        JsonElement network = await agent.CallAsync("getContainerNetworkInfo", new { container = Names.Web });
        string port = network.GetProperty("ports")[0].GetProperty("hostAddress").GetString()!;
        Steps.Check("its port is bound to the loopback alone", port.StartsWith("127.0.0.1:", StringComparison.Ordinal), port);
        return new Notes(host, new Uri($"http://{port}/notes"));
    }

    internal async Task AddAsync(string text)
    {
        using StringContent content = new(text);
        using HttpResponseMessage answer = await Steps.StepAsync($"POST {address} '{text}'", () => host.PostAsync(address, content));
        answer.EnsureSuccessStatusCode();
    }

    internal async Task<string[]> AllAsync()
    {
        JsonElement[] rows = (await Steps.StepAsync($"GET {address}", () => host.GetFromJsonAsync<JsonElement[]>(address)))!;
        return [.. rows.Select(r => r.GetProperty("text").GetString()!)];
    }
}
