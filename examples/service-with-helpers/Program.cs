// A service that lives on, and helpers that live as long as a piece of work. By the tools of the Model Context Protocol.
//   dotnet run -c Release --project examples/service-with-helpers
using System.Text.Json;
using Quilt.Examples;

return await Steps.RunAsync(async () =>
{
    await using (McpAgent agent = await McpAgent.ConnectAsync())
    {
        Steps.Heading("A service: until it is removed, or its time is over");
        await Service.StartAsync(agent);

        Steps.Heading("A task, and helpers for it alone");
        await CountWordsAsync(agent);

        Steps.Heading("Something for this connection alone");
        await agent.CallAsync("createContainer", new { name = "notes", autoStart = true });
    }

    await using (McpAgent agent = await McpAgent.ConnectAsync())
    {
        Steps.Heading("Another connection, another task: the service is there, and what it knows");
        string[] there = await Service.ContainersAsync(agent);
        Steps.Check("of all containers the service alone is left", there is [Service.Name], string.Join(", ", there));
        string[] ledger = await Service.LedgerAsync(agent);
        Steps.Check("it knows what the helpers told it", ledger is ["autumn 5", "spring 2", "winter 4"], string.Join(", ", ledger));
        await agent.CallAsync("extendContainer", new { container = Service.Name, ttl = "2h" });
        await SumAsync(agent);

        Steps.Heading("The agent needs it no more");
        await Service.RemoveAsync(agent);
        Steps.Check("nothing is left", await Service.ContainersAsync(agent) is []);
    }
});

// Each helper has one text to count the words of, and tells the service.
static async Task CountWordsAsync(McpAgent agent)
{
    await agent.CallAsync("beginTask", new { name = "count-words", ttl = "10m" });
    (string Name, string Text)[] texts = [("spring", "green leaves"), ("autumn", "yellow and red leaves falling"), ("winter", "no leaves at all")];
    foreach ((string name, string text) in texts)
    {
        string work = $"wget -q -O- --post-data \"{name} $(echo {text} | wc -w)\" http://{Service.Name}:{Service.Port}/cgi-bin/add";
        await agent.CallAsync("createContainer", Helper(name, "count-words", ["sh", "-c", work]));
    }

    await agent.CallAsync("createContainer", Helper("dreamer", "count-words", ["sh", "-c", "exec sleep 3600"]));
    foreach ((string name, _) in texts)
    {
        JsonElement done = await agent.CallAsync("waitForContainer", new { container = name, until = "exited", timeout = "30s" });
        Steps.Check($"'{name}' has done its work", done.GetProperty("container").GetProperty("exitCode").GetInt32() == 0);
    }

    JsonElement ended = await agent.CallAsync("endTask", new { task = "count-words" });
    string[] gone = [.. ended.GetProperty("report").GetProperty("containers").EnumerateArray().Where(c => c.GetProperty("outcome").GetString() == "removed").Select(c => c.GetProperty("name").GetString()!).Order()];
    Steps.Check("the task took its helpers with it, also the one that was still at it", gone is ["autumn", "dreamer", "spring", "winter"], string.Join(", ", gone));
}

// Its helper outlives its task, because the agent says so before the task ends.
static async Task SumAsync(McpAgent agent)
{
    await agent.CallAsync("beginTask", new { name = "sum", ttl = "10m" });
    string work = $"wget -q -O- http://{Service.Name}:{Service.Port}/ledger | awk '{{ sum += $2 }} END {{ print sum }}' | tee /sum";
    await agent.CallAsync("createContainer", Helper("adder", "sum", ["sh", "-c", work]));
    await agent.CallAsync("waitForContainer", new { container = "adder", until = "exited", timeout = "30s" });
    await agent.CallAsync("adoptContainer", new { container = "adder", strategy = "service" });
    await agent.CallAsync("endTask", new { task = "sum" });
    JsonElement sum = await agent.CallAsync("copyFromContainer", new { container = "adder", path = "/sum" });
    Steps.Check("its result is there after its task", sum.GetProperty("content").GetString() == "11\n", sum.GetProperty("content").GetString());
    await agent.CallAsync("removeContainer", new { container = "adder" });
}

static object Helper(string name, string task, string[] command) =>
    new { name, strategy = "task", taskId = task, command, networks = new[] { Service.Network }, memory = "32MiB", stopTimeout = "1s", autoStart = true };
