// Runs code that nobody vouches for: it may fetch from one domain, and is held to small limits in everything else.
//   dotnet run -c Release --project examples/untrusted-code -- [DOMAIN [ANOTHER]]
using System.Text;
using System.Text.Json;
using Quilt.Client;
using Quilt.Core;
using Quilt.Examples;

string domain = args.ElementAtOrDefault(0) ?? "deb.debian.org", other = args.ElementAtOrDefault(1) ?? "example.com";
return await Steps.RunAsync(RunAsync, e => (e as QuiltException)?.Remedy);

async Task RunAsync()
{
    await using QuiltClient operators = new();

    Steps.Heading("An agent that may reach one domain, and make one small container");
    JsonElement created = await Steps.StepAsync($"createAgent runner, egress {domain}", () => operators.CallToolAsync<JsonElement>("createAgent", new
    {
        name = "runner",
        config = new { grant = new { egress = new[] { domain }, images = new[] { "quilt/busybox" }, limits = new { containers = 1, memory = "64MiB", pids = 32, disk = "64MiB", ttl = "5m" } } },
    }));
    try
    {
        await using QuiltClient runner = new(new QuiltClientOptions { Token = created.GetProperty("token").GetString() });
        await RunCodeAsync(runner);
    }
    finally
    {
        await Steps.StepAsync("removeAgent runner, with what it has", () => operators.CallToolAsync<JsonElement>("removeAgent", new { agent = "runner", force = true }));
    }
}

async Task RunCodeAsync(QuiltClient runner)
{
    await using QuiltContainer box = await Steps.StepAsync("a container: read-only, 64 MiB of memory, 32 processes, half a processor", () => runner.RunContainerAsync(new ContainerOptions
    {
        ReadOnlyRootFilesystem = true,
        Tmpfs = new Dictionary<string, long> { ["/tmp"] = 16 << 20 },
        MemoryBytes = 64 << 20,
        Pids = 32,
        Cpus = 0.5,
        DropCapabilities = ["ALL"],
        User = "65534:65534",
        TimeToLive = TimeSpan.FromMinutes(5),
    }));
    await Steps.StepAsync($"establishConnection to {domain}:80", () => runner.CallToolAsync<JsonElement>("establishConnection", new { from = box.Id, to = domain, port = 80 }));

    Steps.Heading("Its owner cannot open more than was granted, whatever the code talks it into");
    Steps.Check($"no way to {other}", await RefusedAsync(() => runner.CallToolAsync<JsonElement>("establishConnection", new { from = box.Id, to = other, port = 80 })));
    Steps.Check("no second container", await RefusedAsync(() => runner.CreateContainerAsync()));

    Steps.Heading("The code runs, and what it says comes while it does");
    string said = await OutputAsync(box);
    Steps.Check($"it reached {domain}", said.Contains($"fetch from {domain}: done", StringComparison.Ordinal));
    Steps.Check("and nothing else that it tried", said.Split('\n').Count(l => l.EndsWith(": done", StringComparison.Ordinal)) == 1);

    Steps.Heading("What it tried is known");
    JsonElement events = await runner.CallToolAsync<JsonElement>("getEvents", new { container = box.Id, types = new[] { "egress.allowed", "egress.denied" }, wait = "5s" });
    foreach (JsonElement happened in events.GetProperty("events").EnumerateArray())
    {
        JsonElement about = happened.GetProperty("attributes");
        Steps.Tell($"{happened.GetProperty("type").GetString(),-14} {about.GetProperty("to").GetString()}{(about.TryGetProperty("reason", out JsonElement reason) ? $"  {reason.GetString()}" : "")}");
    }

    Steps.Check("the way that was taken is told", events.GetProperty("events").EnumerateArray().Any(e => e.GetProperty("type").GetString() == "egress.allowed"));
}

async Task<string> OutputAsync(QuiltContainer box)
{
    StringBuilder said = new();
    ExecOptions options = new() { Environment = new Dictionary<string, string> { ["DOMAIN"] = domain, ["OTHER"] = other }, Timeout = TimeSpan.FromSeconds(15) };
    string code = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "code.sh"));
    await foreach (ExecOutput output in box.ExecStreamAsync(["sh", "-c", code], options))
    {
        switch (output)
        {
            case ExecOutput.Stdout piece:
                said.Append(piece.Text);
                Steps.Tell(piece.Text);
                break;
            case ExecOutput.Stderr piece:
                Steps.Tell(piece.Text);
                break;
            case ExecOutput.Exited end:
                Steps.Check("its time was up, and it was ended", end.Result.TimedOut);
                break;
            default:
                break;
        }
    }

    return said.ToString();
}

static async Task<bool> RefusedAsync<T>(Func<Task<T>> call)
{
    try
    {
        await call();
        return false;
    }
    catch (QuiltException e) when (e.Code is ErrorCode.PermissionDenied or ErrorCode.ResourceExhausted)
    {
        Steps.Tell($"{e.Code}: {e.Message}");
        return true;
    }
}
