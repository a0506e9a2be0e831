using System.Net;
using System.Net.Sockets;
using System.Text;
using Quilt.Api.V1;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>
/// Single packets, of which each tells who sent it. With a connection nothing could be seen of a packet that was heard by another's
/// address: its answer goes to whose address that is.
/// </summary>
internal static class Datagrams
{
    internal const int Port = 9;

    /// <param name="senders">Each sends by an address, whether it has that or not, one after the other; what the last one sends comes.</param>
    /// <returns>Whom the container heard.</returns>
    internal static async Task<string[]> HeardAsync(Container container, string address, params (Container Container, string Address)[] senders)
    {
        IPAddress own = IPAddress.Parse(address);
        using Socket listening = SocketWithin(container, SocketType.Dgram, own.AddressFamily);
        listening.Bind(new IPEndPoint(own, Port));
        foreach ((Container sender, string from) in senders)
        {
            using Socket sending = SocketWithin(sender, SocketType.Dgram, own.AddressFamily);
            sending.SetRawSocketOption(
                own.AddressFamily == AddressFamily.InterNetwork ? 0 /* SOL_IP */ : 41 /* SOL_IPV6 */,
                own.AddressFamily == AddressFamily.InterNetwork ? 19 /* IP_TRANSPARENT */ : 75 /* IPV6_TRANSPARENT */, [1, 0, 0, 0]);
            sending.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await sending.SendToAsync(Encoding.UTF8.GetBytes($"{sender.Id} {from}"), new IPEndPoint(own, Port), Cancellation);
        }

        List<string> heard = [];
        byte[] packet = new byte[200];
        string last = $"{senders[^1].Container.Id} {senders[^1].Address}";
        do
        {
            heard.Add(Encoding.UTF8.GetString(packet.AsSpan(0, await listening.ReceiveAsync(packet, Cancellation))));
        }
        while (heard[^1] != last);
        return [.. heard.Select(h => h.Split(' ')[0])];
    }
}
