using System.Net;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>A network with its members.</summary>
internal sealed class LiveNetwork(ContainerNetwork network)
{
    private readonly AddressPool _pool = new(network.Subnet.ToString(), network.Subnet6);
    private readonly HashSet<uint> _taken = [];
    private uint _next;

    internal ContainerNetwork Network => network;
    internal Dictionary<ContainerId, Membership> Members { get; } = [];

    /// <summary>Those that lead to it, by their ids.</summary>
    internal HashSet<string> Edges { get; } = new(StringComparer.Ordinal);

    internal Endpoint EndpointOf(Membership member) => _pool.Endpoint(member.Number);

    internal Attachment AttachmentOf(Membership member) => new(EndpointOf(member), network.Members);

    internal void Add(Membership member)
    {
        Members.Add(member.Container, member);
        _taken.Add(member.Number);
        _next = Math.Max(_next, member.Number + 1);
    }

    internal void Remove(Membership member)
    {
        Members.Remove(member.Container);
        _taken.Remove(member.Number);
    }

    /// <summary>The number of an address that a member is to have; of one that was free for as long as there are others where none is asked for.</summary>
    /// <exception cref="QuiltException">InvalidArgument: it is not of the subnet; AlreadyExists: another has it; ResourceExhausted: none is left.</exception>
    internal uint Choose(IPAddress? address, Func<ContainerId, string> nameOf)
    {
        if (address is not null)
        {
            uint number = _pool.NumberOf(address)
                ?? throw QuiltException.Invalid("ip", $"{address} is no address for a member of '{network.Name}' ({network.Subnet})", $"give one from {_pool.Endpoint(0).Address} to {_pool.Endpoint(_pool.Capacity - 1).Address}, or leave it out");
            return Members.Values.FirstOrDefault(m => m.Number == number) is { } holder
                ? throw new QuiltException(ErrorCode.AlreadyExists, $"the container '{nameOf(holder.Container)}' has {address} in the network '{network.Name}'", "give another, or leave it out", "ip")
                : number;
        }

        if (_taken.Count >= _pool.Capacity)
        {
            throw new QuiltException(
                ErrorCode.ResourceExhausted, $"no address is left in the network '{network.Name}' ({network.Subnet}): {_taken.Count} containers are in it", "disconnect one that is not needed, or make a network with a larger subnet", "network");
        }

        while (_taken.Contains(_next %= _pool.Capacity))
        {
            _next++;
        }

        return _next;
    }
}
