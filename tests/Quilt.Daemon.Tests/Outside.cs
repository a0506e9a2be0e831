using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using ARSoft.Tools.Net.Dns;
using Quilt.Linux;
using Quilt.Network;
using Quilt.Testing;

namespace Quilt.Daemon.Tests;

/// <summary>
/// An Internet of a test's own: a network namespace that is the host, in which the daemon runs, with a name server, and another with the
/// addresses of servers that say who they are.
/// </summary>
internal sealed class Outside : IAsyncDisposable
{
    /// <summary>The host's, as public as the servers'.</summary>
    internal const string OwnAddress = "11.0.0.1";
    private const int Loopback = 1, Link = 2, NameServerPort = 5353;
    private readonly FileDescriptor _host, _far;
    private readonly DnsServer _names;
    private readonly List<Socket> _sockets = [];
    private readonly CancellationTokenSource _ended = new();

    private Outside(FileDescriptor host, FileDescriptor far)
    {
        (_host, _far) = (host, far);
        _names = NamespaceThread.Run(host, () =>
        {
            IPEndPoint own = new(IPAddress.Loopback, NameServerPort);
            DnsServer server = new(new UdpServerTransport(own), new TcpServerTransport(own));
            server.QueryReceived += AnswerAsync;
            server.Start();
            return server;
        });
    }

    /// <summary>What its name server says; to be changed at will.</summary>
    internal ConcurrentDictionary<string, string> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names that its name server was asked for.</summary>
    internal ConcurrentDictionary<string, bool> Asked { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether its name server keeps silent.</summary>
    internal bool IsSilent { get; set; }

    internal DaemonProcess Daemon { get; private set; } = null!;

    internal static async Task<Outside> StartAsync(params string[] addresses)
    {
        (FileDescriptor host, FileDescriptor far) = (NewNamespace(), NewNamespace());
        using (NetlinkSocket here = NetlinkSocket.Open(NetlinkProtocol.Route, host), there = NetlinkSocket.Open(NetlinkProtocol.Route, far))
        {
            IPAddress own = IPAddress.Parse(OwnAddress);
            here.Run([
                RouteRequests.SetUp(Loopback), RouteRequests.NewVeth(Link, "out", Hardware(1), far, "in", Hardware(2)), RouteRequests.SetUp(Link), RouteRequests.AddAddress(Link, own),
                .. addresses.Select(a => RouteRequests.AddRoute(Link, new IPNetwork(IPAddress.Parse(a), 32), null, RouteRequests.Family(own))),
            ]);
            int index = NetworkLink.All(there).Single(l => l.Name == "in").Index;
            there.Run([
                RouteRequests.SetUp(Loopback), .. addresses.Select(a => RouteRequests.AddAddress(Loopback, IPAddress.Parse(a))), RouteRequests.SetUp(index),
                RouteRequests.AddRoute(index, new IPNetwork(own, 32), null, RouteRequests.Family(own)),
            ]);
        }

        Outside outside = new(host, far);
        outside.Daemon = await DaemonProcess.StartByAsync(start => NamespaceThread.Run(host, () => Process.Start(start)!), "--name-server", $"127.0.0.1:{NameServerPort}");
        return outside;
    }

    /// <summary>Says to whoever connects which one it is, and then stays until the other has nothing more to say.</summary>
    internal void Serve(string address, int port, string says)
    {
        Socket listener = Listen(address, port);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                Socket client = await listener.AcceptAsync();
                _ = Task.Run(async () =>
                {
                    using (client)
                    {
                        await client.SendAsync(Encoding.UTF8.GetBytes(says + "\n"));
                        byte[] rest = new byte[4096];
                        while (await client.ReceiveAsync(rest) > 0)
                        {
                        }
                    }
                });
            }
        });
    }

    /// <summary>A server that a test answers for; gone with us.</summary>
    internal Socket Listen(string address, int port)
    {
        IPAddress own = IPAddress.Parse(address);
        Socket listener = NamespaceThread.Run(address == OwnAddress || IPAddress.IsLoopback(own) ? _host : _far, () =>
        {
            Socket socket = new(own.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(own, port));
            socket.Listen();
            return socket;
        });
        _sockets.Add(listener);
        return listener;
    }

    /// <summary>What a program of the host says, run in its network.</summary>
    internal async Task<string> InHostAsync(string script)
    {
        using Process shell = NamespaceThread.Run(_host, () => Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true })!);
        string said = await shell.StandardOutput.ReadToEndAsync(_ended.Token);
        await shell.WaitForExitAsync(_ended.Token);
        return shell.ExitCode == 0 ? said : throw new InvalidOperationException($"'{script}' ended with {shell.ExitCode}");
    }

    public async ValueTask DisposeAsync()
    {
        await Daemon.DisposeAsync();
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }

        await _ended.CancelAsync();
        _names.Stop();
        _host.Dispose();
        _far.Dispose();
    }

    private static FileDescriptor NewNamespace()
    {
        using FileDescriptor own = Sys.Open("/proc/self/ns/net", OpenMode.ReadOnly);
        return NamespaceThread.Run(own, () =>
        {
            Sys.Unshare(NamespaceKind.Network);
            return Sys.Open("/proc/thread-self/ns/net", OpenMode.ReadOnly);
        });
    }

    private static PhysicalAddress Hardware(byte last) => new([2, 0, 0, 0, 0, last]);

    private async Task AnswerAsync(object sender, QueryReceivedEventArgs asked)
    {
        if (IsSilent)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _ended.Token);
        }

        DnsMessage query = (DnsMessage)asked.Query, answer = query.CreateResponseInstance();
        DnsQuestion question = query.Questions[0];
        string name = question.Name.ToString().TrimEnd('.');
        Asked[name] = true;
        bool known = Names.TryGetValue(name, out string? means);
        answer.IsRecursionAllowed = true;
        answer.ReturnCode = known ? ReturnCode.NoError : ReturnCode.NxDomain;
        if (known && means!.StartsWith("-> ", StringComparison.Ordinal))
        {
            string target = means[3..];
            answer.AnswerRecords.Add(new CNameRecord(question.Name, 0, ARSoft.Tools.Net.DomainName.Parse(target)));
            if (Names.TryGetValue(target, out string? end) && question.RecordType == RecordType.A)
            {
                answer.AnswerRecords.Add(new ARecord(ARSoft.Tools.Net.DomainName.Parse(target), 0, IPAddress.Parse(end)));
            }
        }
        else if (known && IPAddress.Parse(means!) is var address && question.RecordType == (address.AddressFamily == AddressFamily.InterNetwork ? RecordType.A : RecordType.Aaaa))
        {
            answer.AnswerRecords.Add(question.RecordType == RecordType.A ? new ARecord(question.Name, 0, address) : new AaaaRecord(question.Name, 0, address));
        }

        asked.Response = answer;
    }
}
