using System.Buffers.Binary;
using System.Net;
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
    private const int MostOfOne = 1024;
    private const uint Count = 1 << 17;

    private readonly Dictionary<(ContainerId, string), Lease> _byName = [];
    private readonly Dictionary<(ContainerId, IPAddress), Lease> _byAddress = [];
    private readonly Dictionary<ContainerId, LinkedList<Lease>> _byContainer = [];
    private readonly HashSet<uint> _taken = [];
    private uint _next;

    /// <summary>A name's public addresses now; empty where it has none. What is private, local or special never is.</summary>
    internal async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellation) =>
        [.. (await resolve(name, cancellation).ConfigureAwait(false)).Where(PublicAddress.Is)];

    /// <summary>A container's address for a name; the same as long as it has it.</summary>
    /// <remarks>The oldest one goes where the container has as many as one may have.</remarks>
    internal Lease Take(ContainerId container, string name)
    {
        if (_byName.TryGetValue((container, name), out Lease? known))
        {
            return known;
        }

        LinkedList<Lease> own = _byContainer.TryGetValue(container, out LinkedList<Lease>? has) ? has : _byContainer[container] = [];
        if (own.Count >= MostOfOne)
        {
            Drop(own.First!.Value);
            own = _byContainer.GetValueOrDefault(container) ?? (_byContainer[container] = []);
        }

        if (_taken.Count >= Count - 2)
        {
            throw new QuiltException(ErrorCode.ResourceExhausted, $"all addresses of {MadeUp} stand for names", "remove containers that ask for many names");
        }

        do
        {
            _next = (_next % (Count - 2)) + 1;
        }
        while (!_taken.Add(_next));

        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(MadeUp.BaseAddress.GetAddressBytes()) + _next);
        Lease lease = new(container, name, new IPAddress(bytes), _next);
        _byName.Add((container, name), lease);
        _byAddress.Add((container, lease.Address), lease);
        own.AddLast(lease);
        return lease;
    }

    internal Lease? Find(ContainerId container, IPAddress address) => _byAddress.GetValueOrDefault((container, address));

    internal IReadOnlyList<Lease> Of(ContainerId container) => _byContainer.TryGetValue(container, out LinkedList<Lease>? own) ? [.. own] : [];

    /// <summary>What was open for an edge alone is nobody's any more.</summary>
    internal void Close(Edge edge)
    {
        foreach (Lease lease in Of(edge.From))
        {
            if (lease.Open.Remove(edge.Id) && lease.Open.Count == 0)
            {
                Drop(lease);
            }
        }
    }

    private void Drop(Lease lease)
    {
        _byName.Remove((lease.Container, lease.Name));
        _byAddress.Remove((lease.Container, lease.Address));
        _taken.Remove(lease.Number);
        if (_byContainer.TryGetValue(lease.Container, out LinkedList<Lease>? own))
        {
            own.Remove(lease);
            if (own.Count == 0)
            {
                _byContainer.Remove(lease.Container);
            }
        }
    }

    /// <summary>What a name is to a container.</summary>
    internal sealed record Lease(ContainerId Container, string Name, IPAddress Address, uint Number)
    {
        /// <summary>What it was found to be the last time, public addresses alone.</summary>
        internal IReadOnlyList<IPAddress> Means { get; set; } = [];

        /// <summary>The edges that it is open for, by their ids, with their ports.</summary>
        internal Dictionary<string, ushort> Open { get; } = new(StringComparer.Ordinal);
    }
}
