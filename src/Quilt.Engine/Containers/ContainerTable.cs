using Quilt.Core;

namespace Quilt.Engine;

/// <summary>The containers that there are, found by id, by name, or by the beginning of an id.</summary>
internal sealed class ContainerTable
{
    private const int ShortestPrefix = 3;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Container> _byId = new(StringComparer.Ordinal), _byName = new(StringComparer.Ordinal);

    /// <exception cref="QuiltException">AlreadyExists: the name is taken.</exception>
    internal void Add(Container container)
    {
        lock (_lock)
        {
            string name = container.Record.Name.Value;
            if (!_byName.TryAdd(name, container))
            {
                throw new QuiltException(ErrorCode.AlreadyExists, $"a container named '{name}' exists", "choose another name, or remove that container", "name");
            }

            _byId.Add(container.Id.Value, container);
        }
    }

    internal void Remove(Container container)
    {
        lock (_lock)
        {
            _byId.Remove(container.Id.Value);
            _byName.Remove(container.Record.Name.Value);
        }
    }

    /// <param name="key">An id, a name or an unambiguous beginning of an id, in that order.</param>
    /// <exception cref="QuiltException">NotFound; InvalidArgument where several ids begin so.</exception>
    internal Container Get(string key)
    {
        lock (_lock)
        {
            if (_byId.TryGetValue(key, out Container? container) || _byName.TryGetValue(key, out container))
            {
                return container;
            }

            Container[] found = key.Length < ShortestPrefix ? [] : [.. _byId.Values.Where(c => c.Id.Value.StartsWith(key, StringComparison.Ordinal)).Take(2)];
            return found.Length switch
            {
                1 => found[0],
                0 => throw NotFound(key),
                _ => throw QuiltException.Invalid("container", $"several containers' ids begin with '{key}'", "give more of the id, or the name"),
            };
        }
    }

    internal Container? TryGet(ContainerId id)
    {
        lock (_lock)
        {
            return _byId.GetValueOrDefault(id.Value);
        }
    }

    internal IReadOnlyList<Container> All()
    {
        lock (_lock)
        {
            return [.. _byId.Values];
        }
    }

    internal static QuiltException NotFound(string key) => new(
        ErrorCode.NotFound, $"there is no container '{(key.Length > 64 ? key[..64] + "…" : key)}'", "list the containers for their names and ids", "container");
}
