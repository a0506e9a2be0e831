using System.Buffers.Binary;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>Elements of the sets in table <c>inet quilt</c>, as nfnetlink is asked for them: all of a batch or none.</summary>
/// <seealso href="https://wiki.nftables.org/wiki-nftables/index.php/Portal:DeveloperDocs/nftables_internals"/>
internal static class SetElements
{
    internal const string Table = "quilt";
    private const int Nftables = 10, NewElement = 12, GetElement = 13, DeleteElement = 14;
    private const ushort BatchBegin = 16, BatchEnd = 17;
    private const byte Inet = 1;
    private const int ListTable = 1, ListSet = 2, ListElements = 3, ListElement = 1, Key = 1, Expression = 7, KeyEnd = 10, Value = 1, ExpressionData = 2, CounterBytes = 1, CounterPackets = 2;

    /// <summary>Elements that are there already are not added again.</summary>
    internal static NetlinkRequest Add(string set, IEnumerable<byte[]> keys) => Change(NewElement, NetlinkFlags.Create, set, keys);

    /// <exception cref="SyscallException">By whoever runs it; ENOENT: one of them is not there.</exception>
    internal static NetlinkRequest Remove(string set, IEnumerable<byte[]> keys) => Change(DeleteElement, NetlinkFlags.None, set, keys);

    /// <summary>Elements of an interval set, by the first and the last key of each.</summary>
    internal static NetlinkRequest Add(string set, IEnumerable<(byte[] First, byte[] Last)> ranges) => Change(NewElement, NetlinkFlags.Create, set, ranges);

    internal static NetlinkRequest Remove(string set, IEnumerable<(byte[] First, byte[] Last)> ranges) => Change(DeleteElement, NetlinkFlags.None, set, ranges);

    /// <summary>All of a set's.</summary>
    internal static NetlinkRequest Clear(string set) => Request(DeleteElement, NetlinkFlags.Acknowledge, set);

    /// <summary>Carried out as one transaction.</summary>
    /// <exception cref="SyscallException">Nothing has changed.</exception>
    internal static void Commit(NetlinkSocket netfilter, params IReadOnlyCollection<NetlinkRequest> changes)
    {
        if (changes.Count > 0)
        {
            netfilter.Run([Frame(BatchBegin), .. changes, Frame(BatchEnd)]);
        }
    }

    /// <summary>All elements of a set by their keys, of an interval set by the first and the last in one, with what they have counted.</summary>
    /// <exception cref="SyscallException">ENOENT: there is no such set, so no such table.</exception>
    internal static Dictionary<byte[], Traffic> Read(NetlinkSocket netfilter, string set) => Ask(netfilter, Request(GetElement, NetlinkFlags.Dump, set));

    /// <summary>What one element has counted; nothing where it is not there.</summary>
    internal static Traffic Read(NetlinkSocket netfilter, string set, byte[] key)
    {
        try
        {
            return Ask(netfilter, Change(GetElement, NetlinkFlags.None, set, [key])).GetValueOrDefault(key);
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOENT)
        {
            return default;
        }
    }

    private static Dictionary<byte[], Traffic> Ask(NetlinkSocket netfilter, NetlinkRequest request)
    {
        Dictionary<byte[], Traffic> found = new(KeyComparer.Instance);
        netfilter.Dump(request, (_, payload) =>
        {
            if (payload.Length < HeaderSize)
            {
                return;
            }

            NetlinkAttributes elements = new(NetlinkAttributes.Find(payload[HeaderSize..], ListElements));
            while (elements.Next())
            {
                byte[] key = [.. NetlinkAttributes.Find(NetlinkAttributes.Find(elements.Value, Key), Value), .. NetlinkAttributes.Find(NetlinkAttributes.Find(elements.Value, KeyEnd), Value)];
                found[key] = Count(NetlinkAttributes.Find(NetlinkAttributes.Find(elements.Value, Expression), ExpressionData));
            }
        });
        return found;
    }

    private static Traffic Count(ReadOnlySpan<byte> counter)
    {
        (ulong bytes, ulong packets) = (0, 0);
        NetlinkAttributes attributes = new(counter);
        while (attributes.Next())
        {
            (bytes, packets) = attributes.Kind switch
            {
                CounterBytes => (attributes.BigEndianNumber, packets),
                CounterPackets => (bytes, attributes.BigEndianNumber),
                _ => (bytes, packets),
            };
        }

        return new Traffic(packets, bytes);
    }

    private static NetlinkRequest Change(int message, NetlinkFlags flags, string set, IEnumerable<byte[]> keys) =>
        Request(message, NetlinkFlags.Acknowledge | flags, set)
            .Nest(ListElements, list =>
            {
                foreach (byte[] key in keys)
                {
                    list.Nest(ListElement, element => element.Nest(Key, data => data.Put(Value, key)));
                }
            });

    private static NetlinkRequest Change(int message, NetlinkFlags flags, string set, IEnumerable<(byte[] First, byte[] Last)> ranges) =>
        Request(message, NetlinkFlags.Acknowledge | flags, set)
            .Nest(ListElements, list =>
            {
                foreach ((byte[] first, byte[] last) in ranges)
                {
                    list.Nest(ListElement, element => element.Nest(Key, data => data.Put(Value, first)).Nest(KeyEnd, data => data.Put(Value, last)));
                }
            });

    private static NetlinkRequest Request(int message, NetlinkFlags flags, string set) =>
        new NetlinkRequest((ushort)((Nftables << 8) | message), flags, Header()) { Subject = $"elements of {set}" }
            .Put(ListTable, Table)
            .Put(ListSet, set);

    private const int HeaderSize = 4;

    /// <summary>struct nfgenmsg.</summary>
    private static byte[] Header() => [Inet, 0, 0, 0];

    private static NetlinkRequest Frame(ushort type)
    {
        byte[] header = [0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), Nftables);
        return new NetlinkRequest(type, NetlinkFlags.None, header) { Subject = "batch" };
    }

    internal sealed class KeyComparer : IEqualityComparer<byte[]>
    {
        internal static readonly KeyComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] key)
        {
            HashCode hash = default;
            hash.AddBytes(key);
            return hash.ToHashCode();
        }
    }
}
