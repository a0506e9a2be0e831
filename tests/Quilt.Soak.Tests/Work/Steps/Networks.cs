using System.Net.Sockets;
using System.Text.Json;
using Quilt.Api.V1;

namespace Quilt.Soak.Tests;

/// <summary>A network of two; one leaves.</summary>
internal sealed class Network : Step
{
    internal override int Weight => 6;
    internal override bool IsHeavy => true;

    internal override async Task RunAsync(Lifecycle life)
    {
        (string network, string peer) = (life.NewName("network"), await Peers.MakeAsync(life));
        Belonging made = new("network", network, l => l.Tool("removeNetwork", new { network, force = true }));
        await life.Make(made, life.Tool("createNetwork", new { name = network, strategy = "service" }));
        await life.Tool("connectToNetwork", new { network, container = life.Box.Id });
        await life.Tool("connectToNetwork", new { network, container = peer });
        Lifecycle.Same("hello\n", (await Peers.AskAsync(life, peer)).Stdout.ToStringUtf8(), "what a member says");
        await life.Tool("disconnectFromNetwork", new { network, container = life.Box.Id });
        Lifecycle.Expect((await life.Shell($"nc -w 1 {peer} 5432 </dev/null")).ExitCode != 0, "a member that has left reaches another");
        if (life.Random.Next(2) == 0)
        {
            await life.Unmake(made);
        }
    }
}

/// <summary>An edge to one port, and its end.</summary>
internal sealed class Edge : Step
{
    internal override int Weight => 10;
    internal override bool IsHeavy => true;

    internal override async Task RunAsync(Lifecycle life)
    {
        string peer = await Peers.MakeAsync(life);
        Lifecycle.Expect((await life.Shell($"nc -w 1 {peer} 5432 </dev/null")).ExitCode != 0, "a container is reached without an edge");
        JsonElement edge = await life.Tool("establishConnection", new { from = life.Box.Id, to = peer, port = 5432 });
        Lifecycle.Same("hello\n", (await Peers.AskAsync(life, peer)).Stdout.ToStringUtf8(), "what is at the end of an edge");
        if (life.Random.Next(2) == 0)
        {
            await life.Tool("severConnection", new { connectionId = edge.GetProperty("connection").GetProperty("id").GetString() });
            Lifecycle.Expect((await life.Shell($"nc -w 1 {peer} 5432 </dev/null")).ExitCode != 0, "a container is reached along a severed edge");
        }
    }
}

/// <summary>A port of the host's that leads in, and is closed.</summary>
internal sealed class BoundPort : Step
{
    internal override int Weight => 4;
    internal override bool IsHeavy => true;

    internal override async Task RunAsync(Lifecycle life)
    {
        if (life.Headers.Any(h => h.Key == "authorization"))
        {
            return; // not in the agent's grant
        }

        string peer = await Peers.MakeAsync(life);
        int port = (await life.Tool("bindPort", new { container = peer, port = 5432 })).GetProperty("hostPort").GetInt32();
        await life.Through(async () =>
        {
            using TcpClient client = new();
            await client.ConnectAsync("127.0.0.1", port);
            using StreamReader reader = new(client.GetStream());
            Lifecycle.Same("hello", await reader.ReadLineAsync(), "what a bound port says");
        });

        await life.Tool("unbindPort", new { hostPort = port });
        using TcpClient late = new();
        try
        {
            await late.ConnectAsync("127.0.0.1", port);
        }
        catch (SocketException)
        {
            return;
        }

        throw new UnexpectedException("an unbound port is open");
    }
}

/// <summary>Another container, that says hello to whoever comes.</summary>
internal static class Peers
{
    internal static async Task<string> MakeAsync(Lifecycle life)
    {
        string name = life.NewName("peer");
        await life.Make(
            new Belonging("container", name, l => l.Tool("removeContainer", new { container = name, force = true })),
            life.Tool("createContainer", new { name, memory = "32MiB", stopTimeout = 0, autoStart = true, command = new[] { "sh", "-c", "exec nc -ll -p 5432 -e echo hello" } }));
        await life.Tool("waitForContainer", new { container = name, until = "port", port = 5432, timeout = "60s" });
        return name;
    }

    internal static Task<ExecResult> AskAsync(Lifecycle life, string peer) => life.Shell($"nc -w 20 {peer} 5432 </dev/null");
}
