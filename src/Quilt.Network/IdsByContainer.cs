using Quilt.Core;

namespace Quilt.Network;

/// <summary>Which edges or networks concern a container, by their ids.</summary>
internal sealed class IdsByContainer
{
    private readonly Dictionary<ContainerId, HashSet<string>> _all = [];

    internal IReadOnlyCollection<string> this[ContainerId container] => _all.TryGetValue(container, out HashSet<string>? ids) ? ids : [];

    internal void Add(ContainerId container, string id)
    {
        if (!_all.TryGetValue(container, out HashSet<string>? ids))
        {
            _all.Add(container, ids = new HashSet<string>(StringComparer.Ordinal));
        }

        ids.Add(id);
    }

    internal void Remove(ContainerId container, string id)
    {
        if (_all.TryGetValue(container, out HashSet<string>? ids) && ids.Remove(id) && ids.Count == 0)
        {
            _all.Remove(container);
        }
    }
}
