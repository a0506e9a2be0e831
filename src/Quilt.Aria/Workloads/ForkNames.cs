using Quilt.Core;

namespace Quilt.Aria;

/// <summary>What forks are called. Names that were found for them are held until they are made, or not.</summary>
internal sealed class ForkNames : IDisposable
{
    private readonly HashSet<(string Agent, ContainerName Name)>? _held;
    private readonly string _agent;

    private ForkNames(HashSet<(string Agent, ContainerName Name)>? held, string agent, IReadOnlyList<ContainerName> all) => (_held, _agent, All) = (held, agent, all);

    internal IReadOnlyList<ContainerName> All { get; }

    internal static ForkNames Given(params IReadOnlyList<ContainerName> names) => new(null, "", names);

    /// <param name="held">Locked by the caller.</param>
    internal static ForkNames Hold(HashSet<(string Agent, ContainerName Name)> held, string agent, IReadOnlyList<ContainerName> names)
    {
        foreach (ContainerName name in names)
        {
            held.Add((agent, name));
        }

        return new ForkNames(held, agent, names);
    }

    public void Dispose()
    {
        if (_held is null)
        {
            return;
        }

        lock (_held)
        {
            foreach (ContainerName name in All)
            {
                _held.Remove((_agent, name));
            }
        }
    }
}
