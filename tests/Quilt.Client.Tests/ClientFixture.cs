using System.Text.Json;
using Quilt.Testing;

[assembly: AssemblyFixture(typeof(Quilt.Client.Tests.ClientFixture))]

namespace Quilt.Client.Tests;

/// <summary>A quiltd of the tests' own, and a client of it.</summary>
public sealed class ClientFixture : IAsyncLifetime
{
    private DaemonProcess _daemon = null!;

    public QuiltClient Client { get; private set; } = null!;

    public string StateDir => _daemon.StateDir;

    public string Host => $"unix://{_daemon.Socket}";

    public async ValueTask InitializeAsync()
    {
        _daemon = await DaemonProcess.StartAsync();

        // What the snippets do, whose client is told nothing.
        Environment.SetEnvironmentVariable("QUILT_HOST", Host);
        Client = new QuiltClient(new QuiltClientOptions { Host = Host });
    }

    /// <summary>Of an agent made for it.</summary>
    public async Task<string> TokenAsync() =>
        (await Client.CallToolAsync<JsonElement>("createAgent", new { name = $"agent-{Guid.NewGuid():N}" })).GetProperty("token").GetString()!;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _daemon.DisposeAsync();
    }
}
