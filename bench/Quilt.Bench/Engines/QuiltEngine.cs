using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Quilt.Api.V1;

namespace Quilt.Bench.Engines;

/// <summary>Ours, by gRPC over the daemon's socket.</summary>
internal sealed class QuiltEngine : IConnectingEngine, IDisposable
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

    public Task StartAsync(string name, CancellationToken cancel) => CreateAsync(name, start: true, cancel);

    /// <summary>Three calls: the edge is drawn before the container runs, so that it is there when its command begins.</summary>
    public async Task StartConnectedAsync(string name, string? to, int port, CancellationToken cancel)
    {
        await CreateAsync(name, start: false, cancel);
        if (to is not null)
        {
            await ConnectAsync(name, to, port, cancel);
        }

        await Client.StartContainerAsync(new StartContainerRequest { Container = name }, cancellationToken: cancel);
    }

    /// <summary>One call: the container is in the network when its command begins.</summary>
    public async Task StartInNetworkAsync(string name, string network, CancellationToken cancel) => await Client.CreateContainerAsync(
        new CreateContainerRequest { Spec = new ContainerSpec { Name = name, Command = { Workload.Idle }, Networks = { network } }, AutoStart = true }, cancellationToken: cancel);

    public Task ConnectAsync(string from, string to, int port, CancellationToken cancel) => CallToolAsync("establishConnection", new { from, to, port }, cancel);

    public Task DisconnectAsync(string from, string to, int port, CancellationToken cancel) => CallToolAsync("severConnection", new { from, to, port }, cancel);

    public async Task<Place> FindAsync(string name, CancellationToken cancel)
    {
        Container container = await Client.GetContainerAsync(new ContainerRequest { Container = name }, cancellationToken: cancel);
        using JsonDocument network = JsonDocument.Parse(await CallToolAsync("getContainerNetworkInfo", new { container = name }, cancel));
        return new Place(container.Pid, IPAddress.Parse(network.RootElement.GetProperty("address").GetString()!));
    }

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

    /// <returns>The tool's result, a JSON object.</returns>
    public async Task<string> CallToolAsync(string tool, object arguments, CancellationToken cancel)
    {
        using AsyncServerStreamingCall<CallToolEvent> call = Client.CallTool(new CallToolRequest { Name = tool, Arguments = JsonSerializer.Serialize(arguments) }, cancellationToken: cancel);
        string result = "";
        while (await call.ResponseStream.MoveNext(cancel))
        {
            result = call.ResponseStream.Current.Result;
        }

        return result;
    }

    public void Dispose() => _channel.Dispose();

    private async Task CreateAsync(string name, bool start, CancellationToken cancel) =>
        await Client.CreateContainerAsync(
            new CreateContainerRequest { Spec = new ContainerSpec { Name = name, Command = { Workload.Idle } }, AutoStart = start },
            cancellationToken: cancel);
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
