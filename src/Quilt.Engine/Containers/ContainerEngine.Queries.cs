using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    // Between a process's death and its shim's word on it: reading, and putting the exit on the disk.
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(2);

    /// <exception cref="Core.QuiltException">NotFound.</exception>
    public ContainerRecord Get(string key) => _containers.Get(key).Record;

    /// <summary>As <see cref="Get"/>, asking the kernel too: one whose process has ended is not told as running.</summary>
    public async Task<ContainerRecord> GetCurrentAsync(string key, CancellationToken cancellation)
    {
        Container container = _containers.Get(key);
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
                    record = await GetCurrentAsync(container.Id.Value, cancellation).ConfigureAwait(false);
                }
                catch (Core.QuiltException)
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
