using System.Security.Cryptography;
using System.Text.Json;

namespace Quilt.Examples;

internal static class Up
{
    private static readonly string Mirror = Environment.GetEnvironmentVariable("DEBIAN_MIRROR") ?? "deb.debian.org:80";

    /// <summary>Its name or address.</summary>
    internal static string MirrorHost => Mirror[..Mirror.IndexOfAny(['/', ':'])];

    internal static async Task RunAsync()
    {
        await using (McpAgent agent = await McpAgent.ConnectAsync())
        {
            Steps.Heading("Two images, built by Quilt of Debian's packages");
            await BuildAsync(agent, Names.DatabaseImage, "database");
            await BuildAsync(agent, Names.WebImage, "web");

            Steps.Heading("A session for the work of a day: it outlives this connection, and what belongs to it goes with it");
            await agent.CallAsync("beginSession", new { name = Names.Session, idleTimeout = "8h" });
        }

        await using (McpAgent agent = await McpAgent.ConnectAsync(Names.Session))
        {
            Steps.Heading("A database and a web server, and one way between them");
            await StartAsync(agent);

            Steps.Heading("They work");
            using HttpClient host = new();
            Notes notes = await Notes.FindAsync(agent, host);
            await notes.AddAsync("the first note");
            Steps.Check("a client on the host reads what it wrote", await notes.AllAsync() is ["the first note"]);
            (_, string rows) = await agent.ExecAsync(Names.Database, ["psql", "-d", "myapp", "-tAc", "SELECT text FROM notes"]);
            Steps.Check("and it is in PostgreSQL", rows == "the first note\n", rows);

            Steps.Heading("Nothing else is open");
            await Isolation.ProveAsync(agent);
        }
    }

    /// <summary>Its steps reach the mirror of Debian's packages, and nothing else. What was done before is not done again.</summary>
    private static async Task BuildAsync(McpAgent agent, string tag, string target)
    {
        JsonElement built = await agent.CallAsync("buildImage", new
        {
            tags = new[] { tag },
            target,
            context = new { files = new Dictionary<string, string> { ["Dockerfile"] = Read("Dockerfile"), ["server.js"] = Read("server.js") } },
            egress = new[] { Mirror },
            buildArgs = Environment.GetEnvironmentVariable("DEBIAN_PROXY") is { Length: > 0 } proxy ? new Dictionary<string, string> { ["http_proxy"] = proxy } : null,
        });
        JsonElement[] steps = [.. built.GetProperty("steps").EnumerateArray()];
        foreach (JsonElement done in steps.Where(s => !s.GetProperty("cached").GetBoolean()))
        {
            string instruction = done.GetProperty("instruction").GetString()!;
            if (instruction.StartsWith("RUN ", StringComparison.Ordinal))
            {
                Steps.Tell($"{done.GetProperty("durationMs").GetDouble() / 1000,6:0.0} s  {instruction[..Math.Min(instruction.Length, 100)]}");
            }
        }

        Steps.Check($"{tag} is there: {steps.Length} steps, {steps.Count(s => s.GetProperty("cached").GetBoolean())} of them done before", built.GetProperty("names")[0].GetString() == tag);
    }

    private static async Task StartAsync(McpAgent agent)
    {
        string password = RandomNumberGenerator.GetHexString(32);
        await agent.CallAsync("createVolume", new { name = Names.Data });
        await agent.CallAsync("createContainer", new
        {
            image = Names.DatabaseImage,
            name = Names.Database,
            env = new Dictionary<string, string> { ["POSTGRES_PASSWORD"] = password },
            mounts = new[] { new { type = "volume", volume = Names.Data, path = "/data" } },
            memory = "512MiB",
            stopOrder = 1, // after the web server, when both go
            autoStart = true,
        });
        await agent.CallAsync("createContainer", new
        {
            image = Names.WebImage,
            name = Names.Web,
            env = new Dictionary<string, string> { ["PGHOST"] = Names.Database, ["PGDATABASE"] = "myapp", ["PGUSER"] = "postgres", ["PGPASSWORD"] = password },
            memory = "256MiB",
        });
        await agent.CallAsync("establishConnection", new { from = Names.Web, to = Names.Database, port = Names.DatabasePort });
        await agent.CallAsync("waitForContainer", new { container = Names.Database, until = "healthy", timeout = "60s" });
        (int exitCode, string output) = await agent.ExecAsync(Names.Database, ["createdb", "myapp"]);
        Steps.Check("the database is made", exitCode == 0, output);
        await agent.CallAsync("startContainer", new { container = Names.Web });
        await agent.CallAsync("waitForContainer", new { container = Names.Web, until = "log", pattern = $"listening on {Names.WebPort}", timeout = "30s" });
        await agent.CallAsync("bindPort", new { container = Names.Web, port = Names.WebPort });
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, file));
}
