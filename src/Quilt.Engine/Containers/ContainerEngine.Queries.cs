using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    // Between a process's death and its shim's word on it: reading, and putting the exit on the disk.
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(2);

    /// <summary>The container that a caller means.</summary>
    /// <param name="key">An id, a name, or an unambiguous beginning of an id, in that order.</param>
    /// <param name="agent">Whose names come before others'.</param>
    /// <param name="mayUse">What the caller may know of: any other is not found, as if it were not there.</param>
    /// <exception cref="QuiltException">NotFound; InvalidArgument where several are meant.</exception>
    public ContainerRecord Find(string key, string agent, Func<ContainerRecord, bool> mayUse) => _containers.Find(key, agent, mayUse).Record;

    /// <summary>All that there are, as they are known.</summary>
    public IEnumerable<ContainerRecord> All() => _containers.All().Select(c => c.Record);

    /// <returns>Null where there is none.</returns>
    public ContainerRecord? TryGet(ContainerId id) => _containers.TryGet(id)?.Record;

    /// <exception cref="QuiltException">NotFound.</exception>
    public ContainerRecord Get(ContainerId id) => _containers.Get(id).Record;

    /// <summary>As <see cref="Get"/>, asking the kernel too: one whose process has ended is not told as running.</summary>
    public async Task<ContainerRecord> GetCurrentAsync(ContainerId id, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        ContainerRecord record = container.Record;
        if (record.State is not ContainerState.Running running || running.Process.IsAlive)
        {
            return record;
        }

        try
        {
            using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patient.CancelAfter(ExitPatience);
            await container.WaitAsync(r => r.State is not ContainerState.Running now || now.StartedAt != running.StartedAt, patient.Token).ConfigureAwait(false);
            return container.Record;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Its shim says nothing, and the process is gone all the same.
            return record with { State = new ContainerState.Exited(Lost(ContainerExit.ShimLost), running.StartedAt) };
        }
    }

    /// <summary>Those that match, oldest first.</summary>
    public async Task<IReadOnlyList<ContainerRecord>> ListAsync(Func<ContainerRecord, bool> filter, CancellationToken cancellation)
    {
        List<ContainerRecord> found = [];
        foreach (Container container in _containers.All())
        {
            ContainerRecord record = container.Record;
            if (record.State is ContainerState.Running { Process.IsAlive: false })
            {
                try
                {
                    record = await GetCurrentAsync(container.Id, cancellation).ConfigureAwait(false);
                }
                catch (QuiltException)
                {
                    continue; // removed while we looked
                }
            }

            if (filter(record))
            {
                found.Add(record);
            }
        }

        return [.. found.OrderBy(r => r.CreatedAt).ThenBy(r => r.Id.Value, StringComparer.Ordinal)];
    }
}
