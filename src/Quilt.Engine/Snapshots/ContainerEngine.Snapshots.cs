using Quilt.Core;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>The snapshot that a caller means: by id, name, or an unambiguous beginning of an id.</summary>
    /// <param name="agent">Whose names come before others'.</param>
    /// <param name="mayUse">What the caller may know of: any other is not found, as if it were not there.</param>
    /// <exception cref="QuiltException">NotFound; InvalidArgument where several are meant.</exception>
    public SnapshotRecord FindSnapshot(string key, string agent, Func<SnapshotRecord, bool> mayUse) => _snapshots.Find(key, agent, mayUse);

    /// <summary>All that there are, oldest first, those without a name too.</summary>
    public IReadOnlyList<SnapshotRecord> Snapshots() => [.. _snapshots.All().Where(s => !s.Pending).OrderBy(s => s.CreatedAt).ThenBy(s => s.Id, StringComparer.Ordinal)];

    /// <summary>What a container or snapshot stands on, nearest first.</summary>
    /// <param name="snapshot">A snapshot's id, which is the first; null: nothing.</param>
    /// <returns>As far as they are there: what nothing stands on any more goes at any time.</returns>
    public IReadOnlyList<SnapshotRecord> LineageOf(string? snapshot)
    {
        List<SnapshotRecord> lineage = [];
        for (string? at = snapshot; at is not null && _snapshots.TryGet(at) is { } next; at = next.Parent)
        {
            lineage.Add(next);
        }

        return lineage;
    }

    /// <summary>The containers that stand on a snapshot itself.</summary>
    public IEnumerable<ContainerRecord> ContainersOn(string snapshot) => All().Where(r => r.Snapshot == snapshot);

    /// <summary>Takes a snapshot's name away: nothing can be made of it by that any more, and its files go with the last that stands on them.</summary>
    /// <returns>Whether they have gone.</returns>
    /// <exception cref="QuiltException">NotFound.</exception>
    public bool RemoveSnapshot(string id)
    {
        _snapshots.Change(id, s => s with { Name = null }, writer =>
        {
            if (_snapshots.TryGet(id) is { Name: { } name } was)
            {
                writer.Append(DateTimeOffset.UtcNow, EventTypes.SnapshotRemoved, null, was.Agent, ("snapshot", id), ("snapshotName", name.Value));
            }
        });
        _events.Beat();
        _snapshots.Collect(id);
        return _snapshots.TryGet(id) is null;
    }

    private bool StandsOn(string snapshot) => _containers.All().Any(c => c.Record.Snapshot == snapshot);
}
