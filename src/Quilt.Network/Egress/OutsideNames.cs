using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>
/// Names of the outside, as containers know them: each container has an address of its own for each name, which means nothing to
/// anybody else and leads to what the name was found to be, when that was found to be public. So a server that is shared by many names,
/// an answer that changes, and an address that was known before open nothing.
/// </summary>
/// <remarks>Callers hold the wiring's lock, but for <see cref="ResolveAsync"/>.</remarks>
internal sealed class OutsideNames(Func<string, CancellationToken, Task<IReadOnlyList<IPAddress>>> resolve)
{
    /// <summary>Where the made-up addresses are from (RFC 2544: no address of anybody's).</summary>
    internal static readonly IPNetwork MadeUp = IPNetwork.Parse("198.18.0.0/15");

    /// <summary>Of one container, and of one name.</summary>
    private const int MostNames = 1024, MostAddresses = 16;
    private const uint Count = 1 << 17;

    private readonly LookUps _lookUps = new(async (name, cancellation) =>
        NetworkHost.WithoutOwn([.. (await resolve(name, cancellation).ConfigureAwait(false)).Where(PublicAddress.Is).Take(MostAddresses)]));
    private readonly Dictionary<ContainerId, Known> _known = [];

    /// <summary>A name's public addresses now; empty where it has none. What is private, local or special never is, nor what is this host's own.</summary>
    /// <returns>Null: see <see cref="LookUps"/>.</returns>
    internal Task<IReadOnlyList<IPAddress>?> ResolveAsync(ContainerId container, string name, CancellationToken cancellation) => _lookUps.AddressesOfAsync(container, name, cancellation);

    /// <summary>A container's address for a name; the same as long as it has it.</summary>
    /// <remarks>The one that was not used for longest goes where the container has as many as one may have.</remarks>
    internal Lease Take(ContainerId container, string name)
    {
        Known known = _known.TryGetValue(container, out Known? has) ? has : _known[container] = new Known();
        if (known.ByName.TryGetValue(name, out Lease? lease))
        {
            known.Use(lease);
            return lease;
        }

        if (known.ByName.Count == MostNames)
        {
            known.Drop(known.ByUse.First!.Value);
        }

        lease = new Lease(name, known.NewAddress());
        known.ByName.Add(name, lease);
        known.ByAddress.Add(lease.Address, lease);
        known.ByUse.AddLast(lease.Use);
        return lease;
    }

    internal Lease? Find(ContainerId container, IPAddress address)
    {
        if (!_known.TryGetValue(container, out Known? known) || !known.ByAddress.TryGetValue(address, out Lease? lease))
        {
            return null;
        }

        known.Use(lease);
        return lease;
    }

    internal IReadOnlyList<Lease> Of(ContainerId container) => _known.TryGetValue(container, out Known? known) ? [.. known.ByUse] : [];

    /// <summary>What was open for an edge alone is nobody's any more.</summary>
    internal void Close(Edge edge)
    {
        if (!_known.TryGetValue(edge.From, out Known? known))
        {
            return;
        }

        foreach (Lease lease in Of(edge.From))
        {
            if (lease.Open.Remove(edge.Id) && lease.Open.Count == 0)
            {
                known.Drop(lease);
            }
        }

        if (known.ByName.Count == 0)
        {
            _known.Remove(edge.From);
        }
    }

    /// <summary>What a name is to a container.</summary>
    internal sealed class Lease
    {
        internal Lease(string name, IPAddress address)
        {
            (Name, Address) = (name, address);
            Use = new LinkedListNode<Lease>(this);
        }

        internal string Name { get; }
        internal IPAddress Address { get; }

        /// <summary>What it was found to be the last time, public addresses alone.</summary>
        internal IReadOnlyList<IPAddress> Means { get; set; } = [];

        /// <summary>The edges that it is open for, by their ids, with their ports.</summary>
        internal Dictionary<string, ushort> Open { get; } = new(StringComparer.Ordinal);

        /// <summary>Its place among the container's.</summary>
        internal LinkedListNode<Lease> Use { get; }
    }

    /// <summary>One container's. It has all of the made-up addresses to itself, so none takes another's, and each begins anywhere among them: what one has seldom means anything to another.</summary>
    private sealed class Known
    {
        private uint _last = (uint)RandomNumberGenerator.GetInt32((int)Count - 2);

        internal Dictionary<string, Lease> ByName { get; } = new(StringComparer.Ordinal);
        internal Dictionary<IPAddress, Lease> ByAddress { get; } = [];

        /// <summary>The one that was not used for longest first.</summary>
        internal LinkedList<Lease> ByUse { get; } = new();

        internal void Use(Lease lease)
        {
            ByUse.Remove(lease.Use);
            ByUse.AddLast(lease.Use);
        }

        internal void Drop(Lease lease)
        {
            ByName.Remove(lease.Name);
            ByAddress.Remove(lease.Address);
            ByUse.Remove(lease.Use);
        }

        /// <summary>One that was free for as long as there are others.</summary>
        internal IPAddress NewAddress()
        {
            IPAddress address;
            do
            {
                _last = (_last % (Count - 2)) + 1;
                byte[] bytes = new byte[sizeof(uint)];
                BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(MadeUp.BaseAddress.GetAddressBytes()) + _last);
                address = new IPAddress(bytes);
            }
            while (ByAddress.ContainsKey(address));

            return address;
        }
    }
}
