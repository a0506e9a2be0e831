using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Client.Tests;

/// <summary>The code that docs/client.md shows, run as it stands there: <see cref="DocumentationTests"/> compares the two.</summary>
public sealed class ClientSnippets(ClientFixture fixture)
{
    [Fact]
    public async Task A_container()
    {
        await using QuiltClient quilt = new();
        await using QuiltContainer container = await quilt.RunContainerAsync(new ContainerOptions { MemoryBytes = 256 << 20 });
        ExecResult result = await container.ExecAsync(["sh", "-c", "echo hello from $(hostname)"]);
        Console.WriteLine($"{result.ExitCode}: {result.Stdout}");

        Assert.StartsWith("hello from ", result.Stdout, StringComparison.Ordinal);

        try
        {
            await container.ExecAsync(["no-such-program"]);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.CommandNotFound)
        {
            Console.WriteLine($"{e.Message}; {e.Remedy}");
        }
    }

    [Fact]
    public async Task Files()
    {
        using TemporaryFolder folder = new();
        string path = folder["out.tar"];
        await using QuiltContainer container = await fixture.Client.RunContainerAsync();

        await container.WriteFileAsync("/app/main.sh", "echo well"u8.ToArray(), new CopyOptions { Mode = (UnixFileMode)0x1ED, MakeParents = true });
        await using (FileStream archive = File.Create(path))
        {
            CopyResult packed = await container.CopyFromAsync("/app", archive);
            Console.WriteLine($"{packed.Entries} entries");
        }

        await using FileStream again = File.OpenRead(path);
        await container.CopyToAsync("/srv", again, new CopyOptions { Owner = "1000", MakeParents = true });

        ExecResult result = await container.ExecAsync(["sh", "-c", "/app/main.sh; /srv/app/main.sh; stat -c '%u %a' /srv/app/main.sh"]);
        Assert.Equal("well\nwell\n1000 755\n", result.Stdout);
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => container.WriteFileAsync("/app", default));
        Assert.Equal(ErrorCode.FailedPrecondition, e.Code);
    }

    [Fact]
    public async Task Volumes_and_limits()
    {
        QuiltClient quilt = fixture.Client;
        await using QuiltContainer container = await quilt.RunContainerAsync();

        await quilt.CreateVolumeAsync("results", new VolumeOptions { SizeBytes = 1L << 30 });
        await container.AttachVolumeAsync("results", "/results");
        LimitChange change = await container.SetLimitsAsync(new LimitOptions { MemoryBytes = 512 << 20, Cpus = 1.5 });
        Console.WriteLine($"{change.Before.MemoryBytes} -> {change.After.MemoryBytes}");
        await container.DetachVolumeAsync("results");
        await quilt.RemoveVolumeAsync("results");

        Assert.Equal(512L << 20, change.After.MemoryBytes);
    }

    [Fact]
    public async Task Output_as_it_comes()
    {
        await using QuiltContainer container = await fixture.Client.RunContainerAsync();

        await foreach (ExecOutput output in container.ExecStreamAsync(["sh", "-c", "echo working; sleep 0.1; echo done >&2; exit 3"]))
        {
            switch (output)
            {
                case ExecOutput.Stdout piece:
                    Console.Write(piece.Text);
                    break;
                case ExecOutput.Stderr piece:
                    Console.Error.Write(piece.Text);
                    break;
                case ExecOutput.Exited end:
                    Console.WriteLine($"ended with {end.Result.ExitCode}");
                    break;
            }
        }
    }

    [Fact]
    public async Task Input()
    {
        await using QuiltContainer container = await fixture.Client.RunContainerAsync();
        string path = typeof(ClientSnippets).Assembly.Location;

        await using FileStream file = File.OpenRead(path);
        await foreach (ExecOutput output in container.ExecStreamAsync(["sh", "-c", "cat > /tmp/data && wc -c < /tmp/data"], input: file))
        {
            if (output is ExecOutput.Stdout piece)
            {
                Console.Write(piece.Text);
            }
        }

        Assert.Equal($"{new FileInfo(path).Length}\n", (await container.ExecAsync(["sh", "-c", "wc -c < /tmp/data"])).Stdout);
    }

    [Fact]
    public async Task A_service()
    {
        QuiltClient quilt = fixture.Client;
        string name = $"web-{Guid.NewGuid():N}";

        await using QuiltContainer server = await quilt.RunContainerAsync(new ContainerOptions
        {
            Name = name,
            Command = ["sh", "-c", "echo listening; exec httpd -f -p 8080"],
            Strategy = ContainerStrategy.Service,
            TimeToLive = TimeSpan.FromHours(1),
        });
        await server.WaitForLogAsync("listening", TimeSpan.FromSeconds(10));
        await foreach (LogEntry line in server.GetLogsAsync(new LogQuery { Tail = 10 }))
        {
            Console.WriteLine($"{line.Time:T} {line.Stream}: {line.Text}");
        }

        ContainerStats stats = await server.GetStatsAsync();
        Console.WriteLine($"{stats.MemoryBytes} bytes of {stats.MemoryLimitBytes}");
        await server.StopAsync(TimeSpan.FromSeconds(2));
        ContainerInfo end = await server.WaitForExitAsync();
        Console.WriteLine($"{end.State} with {end.ExitCode}");

        Assert.Equal(ContainerState.Exited, end.State);
    }

    [Fact]
    public async Task Who_calls()
    {
        string host = fixture.Host, token = await fixture.TokenAsync();

        await using QuiltClient agent = new(new QuiltClientOptions { Host = host, Token = token });
        await using QuiltSession session = await agent.BeginSessionAsync(new SessionOptions { TimeToLive = TimeSpan.FromHours(1) });
        await session.Client.RunContainerAsync(new ContainerOptions { RemoveOnDispose = false });
        SessionReport report = await session.EndAsync();
        Console.WriteLine($"{report.Containers.Count} containers went with the session");

        Assert.Single(report.Containers);
    }

    [Fact]
    public async Task Tools()
    {
        QuiltClient quilt = fixture.Client;

        foreach (QuiltTool tool in await quilt.ListToolsAsync(level: "safe"))
        {
            Console.WriteLine($"{tool.Name}: {tool.Title}");
        }

        JsonElement containers = await quilt.CallToolAsync("listContainers");

        Assert.Equal(JsonValueKind.Object, containers.ValueKind);

        IReadOnlyList<AIFunction> functions = await new QuiltTools(quilt).GetAIFunctionsAsync();
        ChatOptions chat = new() { Tools = [.. functions] };

        Assert.NotEmpty(chat.Tools);
    }

    [Fact]
    public void Dependency_injection()
    {
        ServiceCollection services = new();
        string host = fixture.Host;

        services.AddQuilt(options => options.Host = host);

        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.NotNull(provider.GetService<QuiltTools>());
    }
}
