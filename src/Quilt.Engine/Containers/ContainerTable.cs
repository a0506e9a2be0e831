using Quilt.Core;

namespace Quilt.Engine;

/// <summary>The containers that there are, found by id, by name, or by the beginning of an id.</summary>
internal sealed class ContainerTable
{
    private const int ShortestPrefix = 3;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Container> _byId = new(StringComparer.Ordinal);

    // An agent's names are its own: what it calls its containers tells another nothing.
    private readonly Dictionary<(string Agent, string Name), Container> _byName = [];

    /// <exception cref="QuiltException">AlreadyExists: the name is taken.</exception>
    internal void Add(Container container)
    {
        lock (_lock)
        {
            string name = container.Record.Name.Value;
            if (!_byName.TryAdd((container.Record.Owner.Agent, name), container))
            {
                throw Taken(name);
            }

            _byId.Add(container.Id.Value, container);
        }
    }

    internal void Remove(Container container)
    {
        lock (_lock)
        {
            _byId.Remove(container.Id.Value);
            _byName.Remove((container.Record.Owner.Agent, container.Record.Name.Value));
        }
    }

    /// <exception cref="QuiltException">NotFound.</exception>
    internal Container Get(ContainerId id) => TryGet(id) ?? throw NotFound(id.Value);

    /// <summary>See <see cref="ContainerEngine.Find"/>.</summary>
    internal Container Find(string key, string agent, Func<ContainerRecord, bool> mayUse)
    {
        lock (_lock)
        {
            if ((_byId.TryGetValue(key, out Container? container) || _byName.TryGetValue((agent, key), out container)) && mayUse(container.Record))
            {
                return container;
            }

            return Only(key, c => c.Record.Name.Value == key, "have that name", mayUse)
                ?? (key.Length < ShortestPrefix ? null : Only(key, c => c.Id.Value.StartsWith(key, StringComparison.Ordinal), "have ids that begin so", mayUse))
                ?? throw NotFound(key);
        }
    }

    private Container? Only(string key, Func<Container, bool> matches, string what, Func<ContainerRecord, bool> mayUse)
    {
        Container[] found = [.. _byId.Values.Where(c => matches(c) && mayUse(c.Record)).Take(2)];
        return found.Length < 2 ? found.FirstOrDefault() : throw QuiltException.Invalid("container", $"several containers {what}: '{key}'", "give the whole id");
    }

    /// <summary>Gives it to another owner.</summary>
    /// <exception cref="QuiltException">AlreadyExists: the new owner's agent has one of that name.</exception>
    internal void Rekey(Container container, ContainerOwner owner)
    {
        lock (_lock)
        {
            string name = container.Record.Name.Value;
            if (owner.Agent != container.Record.Owner.Agent && _byName.ContainsKey((owner.Agent, name)))
            {
                throw Taken(name);
            }

            _byName.Remove((container.Record.Owner.Agent, name));
            _byName[(owner.Agent, name)] = container;
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

    private static QuiltException Taken(string name) =>
        new(ErrorCode.AlreadyExists, $"a container named '{name}' exists", "choose another name, or remove that container", "name");

    internal static QuiltException NotFound(string key) => new(
        ErrorCode.NotFound, $"there is no container '{(key.Length > 64 ? key[..64] + "…" : key)}'", "list the containers for their names and ids", "container");
}
