using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Quilt.Api.V1;
using Quilt.Testing;

namespace Quilt.Soak.Tests;

/// <summary>Clients that read nothing, or never end what they began to say, and vanish without a word.</summary>
internal static class SlowClients
{
    private const int AtOnce = 60;

    internal static async Task DisturbAsync(SoakRun run, Random random, CancellationToken over)
    {
        DaemonProcess daemon = run.Daemon.Process;
        // As much output as there can be, for all who do not read it.
        ContainerSpec spec = new() { Name = "talker", Command = { "sh", "-c", "while true; do seq 1000; sleep 0.05; done" } };
        await daemon.Client.CreateContainerAsync(new CreateContainerRequest { Spec = spec, AutoStart = true }, cancellationToken: CancellationToken.None);
        List<IDisposable> clients = [];
        try
        {
            while (true)
            {
                if (clients.Count == AtOnce)
                {
                    int gone = random.Next(clients.Count);
                    clients[gone].Dispose();
                    clients.RemoveAt(gone);
                }

                clients.Add(random.Next(6) switch
                {
                    0 => await SilentAsync(daemon, c => c.GetLogs(new GetLogsRequest { Container = "talker", Follow = true }).ResponseStream),
                    1 => await SilentAsync(daemon, c => c.GetEvents(new GetEventsRequest { Follow = true }).ResponseStream),
                    2 => await SilentAsync(daemon, Flooded),
                    3 => Half(Path.Combine(daemon.RunDir, "http.sock"), "POST /v1/tools/createContainer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"na"),
                    4 => Half(Path.Combine(daemon.RunDir, "http.sock"), "GET /v1/containers/talker/logs HTTP/1.1\r\nHo"),
                    _ => Half(daemon.Socket, "PRI * HTTP/2.0\r\n"),
                });
                run.Figures.Count("disturbance slow clients");
                await Task.Delay(random.Next(1, 40), over);
            }
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
            await daemon.Client.RemoveContainerAsync(new RemoveContainerRequest { Container = "talker", Force = true }, cancellationToken: CancellationToken.None);
        }
    }

    /// <summary>Output as fast as it can be written, for a client that takes its beginning.</summary>
    private static IAsyncStreamReader<StreamOutput> Flooded(QuiltService.QuiltServiceClient client)
    {
        AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = client.ExecStream();
        call.RequestStream.WriteAsync(new StreamInput { Exec = new ExecRequest { Container = "talker", Command = { "yes" } } }).GetAwaiter().GetResult();
        return call.ResponseStream;
    }

    /// <summary>Reads one message and then no more.</summary>
    private static async Task<Silent> SilentAsync<T>(DaemonProcess daemon, Func<QuiltService.QuiltServiceClient, IAsyncStreamReader<T>> begin)
    {
        Silent client = new(daemon.Socket);
        await begin(new QuiltService.QuiltServiceClient(client.Channel)).MoveNext(CancellationToken.None);
        return client;
    }

    private static Socket Half(string socket, string said)
    {
        Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(socket));
        client.Send(Encoding.ASCII.GetBytes(said));
        return client;
    }

    /// <summary>A client whose connection is cut: a channel that is disposed of waits for its streams.</summary>
    private sealed class Silent : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        internal Silent(string socket) => Channel = GrpcChannel.ForAddress("http://quilt", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellation) =>
                {
                    await _socket.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                    return new NetworkStream(_socket);
                },
            },
        });

        internal GrpcChannel Channel { get; }

        public void Dispose()
        {
            _socket.Dispose();
            Channel.Dispose();
        }
    }
}
