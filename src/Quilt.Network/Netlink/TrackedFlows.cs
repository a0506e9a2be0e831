using System.Buffers.Binary;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>The flows that the kernel tracks (conntrack), as ctnetlink tells of them.</summary>
internal static class TrackedFlows
{
    private const int Conntrack = 1, Get = 1, Delete = 2, HeaderSize = 4, NestedFlag = 0x8000;
    private const int Original = 1, Id = 12, Addresses = 1, Protocol = 2;
    private const int Source4 = 1, Destination4 = 2, Source6 = 3, Destination6 = 4, Number = 1, SourcePort = 2, DestinationPort = 3;

    /// <summary>Has the kernel forget those that are asked for: their next packet begins nothing.</summary>
    /// <returns>Them.</returns>
    internal static IReadOnlyList<TrackedFlow> Forget(NetlinkSocket netfilter, Func<TrackedFlow, bool> which)
    {
        List<TrackedFlow> found = [];
        List<NetlinkRequest> deletions = [];
        netfilter.Dump(new NetlinkRequest((Conntrack << 8) | Get, NetlinkFlags.Dump, Header(0)) { Subject = "flows" }, (_, payload) =>
        {
            if (payload.Length <= HeaderSize)
            {
                return;
            }

            ReadOnlySpan<byte> attributes = payload[HeaderSize..], original = NetlinkAttributes.Find(attributes, Original);
            TrackedFlow flow = Read(original);
            if (which(flow))
            {
                byte[] tuple = original.ToArray();
                found.Add(flow);
                deletions.Add(new NetlinkRequest((Conntrack << 8) | Delete, NetlinkFlags.Acknowledge, Header(payload[0])) { Subject = "flow" }
                    .Put(Original | NestedFlag, tuple)
                    .Put(Id, NetlinkAttributes.Find(attributes, Id)));
            }
        });
        foreach (NetlinkRequest deletion in deletions)
        {
            netfilter.TryRun(deletion); // one that has ended by itself meanwhile is no failure
        }

        return found;
    }

    private static TrackedFlow Read(ReadOnlySpan<byte> tuple)
    {
        ReadOnlySpan<byte> addresses = NetlinkAttributes.Find(tuple, Addresses), protocol = NetlinkAttributes.Find(tuple, Protocol);
        bool six = NetlinkAttributes.Find(addresses, Source4).IsEmpty;
        return new TrackedFlow(
            NetlinkAttributes.Find(addresses, six ? Source6 : Source4).ToArray(), Port(protocol, SourcePort),
            NetlinkAttributes.Find(addresses, six ? Destination6 : Destination4).ToArray(), Port(protocol, DestinationPort),
            NetlinkAttributes.Find(protocol, Number) is [var number, ..] ? number : (byte)0);
    }

    private static ushort Port(ReadOnlySpan<byte> protocol, int attribute) =>
        NetlinkAttributes.Find(protocol, attribute) is { Length: sizeof(ushort) } port ? BinaryPrimitives.ReadUInt16BigEndian(port) : (ushort)0;

    /// <summary>struct nfgenmsg.</summary>
    private static byte[] Header(byte family) => [family, 0, 0, 0];
}

/// <summary>A flow by its first packet.</summary>
internal readonly record struct TrackedFlow(byte[] From, ushort FromPort, byte[] To, ushort ToPort, byte Protocol)
{
    /// <summary>The key that allows it: see <see cref="Flow"/>.</summary>
    internal byte[] Key => SetKey.Of(From, To, Protocol, ToPort);
}
