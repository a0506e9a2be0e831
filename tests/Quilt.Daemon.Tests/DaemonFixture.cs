using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(Quilt.Daemon.Tests.DaemonFixture))]

namespace Quilt.Daemon.Tests;

/// <summary>The daemon of the tests that need none of their own.</summary>
public sealed class DaemonFixture : IAsyncLifetime
{
    public DaemonProcess Daemon { get; private set; } = null!;
    public QuiltService.QuiltServiceClient Client => Daemon.Client;

    public async ValueTask InitializeAsync() => Daemon = await DaemonProcess.StartAsync();

    public ValueTask DisposeAsync() => Daemon.DisposeAsync();
}
