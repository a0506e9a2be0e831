using Quilt.Shim.Contract;

namespace Quilt.Kernel.Tests;

/// <summary>Asks one shim. Each request has a connection of its own, so that none waits for another.</summary>
internal sealed class ShimClient(string socketPath)
{
    public string SocketPath { get; } = socketPath;

    /// <summary>A request whose answer is all.</summary>
    /// <exception cref="ShimException">The shim's own error.</exception>
    /// <exception cref="Quilt.Core.QuiltException"><see cref="Quilt.Core.ErrorCode.Unavailable"/>: there is no shim.</exception>
    public async Task<ShimResponse> RequestAsync(ShimRequest request, CancellationToken cancellation)
    {
        using ShimConnection connection = await OpenAsync(request, cancellation).ConfigureAwait(false);
        return connection.Response;
    }

    /// <summary>A request that frames follow: exec, attach, watch, follow log.</summary>
    public Task<ShimConnection> OpenAsync(ShimRequest request, CancellationToken cancellation) =>
        ShimConnection.OpenAsync(SocketPath, request, cancellation);
}
