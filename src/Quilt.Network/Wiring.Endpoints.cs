using System.Net;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

public sealed partial class Wiring
{
    /// <summary>A container's place; null where it has never had an edge.</summary>
    public Endpoint? EndpointOf(ContainerId container)
    {
        lock (_lock)
        {
            return _endpoints.GetValueOrDefault(container);
        }
    }

    /// <summary>Whether its link is there, as far as nobody has taken it since the last <see cref="Repair"/>.</summary>
    public bool IsPlugged(ContainerId container) => _fabric.IsPlugged(container);

    /// <summary>Gives a container that has an endpoint its link. Its network namespace is a new one at each start.</summary>
    public void Plug(ContainerId container, FileDescriptor networkNamespace)
    {
        lock (_lock)
        {
            if (_endpoints.TryGetValue(container, out Endpoint? endpoint))
            {
                Carry(() => _fabric.Plug(container, endpoint, AttachmentsOf(container), networkNamespace));
            }
        }
    }

    /// <summary>A number that nobody has, and that was free for as long as there are others: what still goes to the one before meets nobody.</summary>
    private Endpoint Take(ContainerId container, List<(ContainerId, Endpoint)> fresh, Rollback rollback)
    {
        if (_endpoints.TryGetValue(container, out Endpoint? known))
        {
            return known;
        }

        if (_taken.Count >= _pool.Capacity)
        {
            throw new QuiltException(
                ErrorCode.ResourceExhausted, $"no address is left in {_pool.Range}: {_taken.Count} containers have one", "remove containers that are connected, or give quiltd a larger --network-pool", "networkPool");
        }

        while (!_taken.Add(_next %= _pool.Capacity))
        {
            _next++;
        }

        Endpoint endpoint = _pool.Endpoint(_next++);
        Add(container, endpoint);
        fresh.Add((container, endpoint));
        rollback.OnFailure(() => Remove(container, endpoint));
        return endpoint;
    }

    private void Add(ContainerId container, Endpoint endpoint)
    {
        _endpoints.Add(container, endpoint);
        _addresses[endpoint.Address] = _addresses[endpoint.Address6] = container;
    }

    private void Remove(ContainerId container, Endpoint endpoint)
    {
        _endpoints.Remove(container);
        _addresses.Remove(endpoint.Address);
        _addresses.Remove(endpoint.Address6);
        _taken.Remove(endpoint.Number);
    }
}
