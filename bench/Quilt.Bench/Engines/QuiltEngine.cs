using System.Net.Sockets;
using Grpc.Net.Client;
using Quilt.Api.V1;

namespace Quilt.Bench.Engines;

/// <summary>Ours, by gRPC over the daemon's socket.</summary>
internal sealed class QuiltEngine : IContainerEngine, IDisposable
{
    public const string SideName = "quilt";

    private readonly GrpcChannel _channel;

    public QuiltEngine(string socket)
    {
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = (_, cancel) => UnixSocket.ConnectAsync(socket, cancel),
            },
        });
        Client = new QuiltService.QuiltServiceClient(_channel);
    }

    public QuiltService.QuiltServiceClient Client { get; }

    public string Side => SideName;

    public bool IsApi => true;

    public async Task StartAsync(string name, CancellationToken cancel) =>
        await Client.CreateContainerAsync(
            new CreateContainerRequest { Spec = new ContainerSpec { Name = name, Command = { Workload.Idle } }, AutoStart = true },
            cancellationToken: cancel);

    public async Task ExecTrueAsync(string name, CancellationToken cancel)
    {
        ExecResponse response = await Client.ExecAsync(new ExecRequest { Container = name, Command = { Workload.True } }, cancellationToken: cancel);
        if (response.Result.ExitCode != 0)
        {
            throw new BenchException($"'true' ended with {response.Result.ExitCode}");
        }
    }

    public async Task RemoveAsync(string name, CancellationToken cancel) =>
        await Client.RemoveContainerAsync(new RemoveContainerRequest { Container = name, Force = true }, cancellationToken: cancel);

    public void Dispose() => _channel.Dispose();
}

/// <summary>A connection for an HTTP client to a socket of this host.</summary>
internal static class UnixSocket
{
    public static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancel)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
