using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>A container as this process knows it: its record, who watches over it, and who may change it at the moment.</summary>
internal sealed class Container(ContainerRecord record, BundleLayout layout)
{
    private volatile ContainerRecord _record = record;
    private int _restarts, _stops;

    internal ContainerId Id => Record.Id;
    internal ContainerRecord Record => _record;
    internal BundleLayout Layout { get; } = layout;

    /// <summary>Whoever changes the state holds it, for as long as a shim takes to answer and no longer: never while waiting for an exit.</summary>
    internal SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>See <see cref="ReadAsync"/>.</summary>
    private SemaphoreSlim Reading { get; } = new(1, 1);

    /// <summary>Beats whenever the record has changed.</summary>
    internal Pulse Changed { get; } = new();

    /// <summary>Its shim; null where nothing is prepared and nothing runs.</summary>
    internal ShimLink? Shim { get; set; }

    /// <summary>Its PID 1, from its preparation on; null where nothing is prepared and nothing runs.</summary>
    internal ProcessIdentity? Init
    {
        get;
        set => (field, IsPlugged, Link) = (value, false, null);
    }

    /// <summary>Its link is in its network namespace, which is another one at each start.</summary>
    internal bool IsPlugged { get; set; }

    /// <summary>That network namespace, held so that it can be read what went over the link when nobody is in it any more. Null where it has no link, or could not be held.</summary>
    internal FileDescriptor? Link
    {
        get;
        set
        {
            field?.Dispose();
            field = value;
        }
    }

    /// <summary>The watch over its run's limits; null where nothing runs. The one before is ended by the next.</summary>
    internal LimitWatch? LimitWatch
    {
        get;
        set
        {
            field?.End();
            field = value;
        }
    }

    /// <summary>How many work with its files at the moment; changed under the gate.</summary>
    internal int FilesBorrowed { get; set; }

    /// <summary>What is prepared is so for them alone, and goes with the last of them, unless it was started meanwhile.</summary>
    internal bool IsPreparedForFiles { get; set; }

    /// <summary>It is gone from the engine: the record tells what it was.</summary>
    internal bool IsRemoved { get; private set; }

    /// <summary>It has ended in order to run again: it is not removed in between, though it otherwise is when it ends.</summary>
    internal bool IsRestarting => Volatile.Read(ref _restarts) > 0;

    internal void BeginRestart() => Interlocked.Increment(ref _restarts);

    internal void EndRestart() => Interlocked.Decrement(ref _restarts);

    /// <summary>Somebody waits for its end.</summary>
    internal bool IsStopping => Volatile.Read(ref _stops) > 0;

    internal void BeginStop() => Interlocked.Increment(ref _stops);

    internal void EndStop() => Interlocked.Decrement(ref _stops);

    /// <summary>Removes it at its time.</summary>
    internal Alarm? Expiry { get; set; }

    /// <summary>As it was when its last run had ended; null where this daemon saw none end.</summary>
    internal ContainerRecord? LastExited { get; private set; } = record.State is ContainerState.Exited ? record : null;

    /// <summary>Grows while it runs and may not be probed. Who waits for that may see only what came after: a pause can be over before it is looked at.</summary>
    internal int Disturbances { get; private set; }

    internal void Set(ContainerRecord record)
    {
        // Before the record itself: who sees the next run finds the end of this one.
        LastExited = record.State is ContainerState.Exited ? record : LastExited;
        Disturbances += record.State is ContainerState.Running { MayBeProbed: false } ? 1 : 0;
        _record = record;
        Changed.Beat();
    }

    internal void SetRemoved()
    {
        IsRemoved = true;
        Expiry?.Dispose();
        LimitWatch = null;
        Link = null;
        Changed.Beat();
    }

    /// <summary>Waits until the record is as wanted, or the container is removed.</summary>
    /// <returns>The record that was; null where it was removed.</returns>
    internal async Task<ContainerRecord?> WaitAsync(Func<ContainerRecord, bool> condition, CancellationToken cancellation)
    {
        while (true)
        {
            Task next = Changed.Next;
            ContainerRecord record = Record;
            if (condition(record))
            {
                return record;
            }

            if (IsRemoved)
            {
                return null;
            }

            await next.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    internal async Task<Release> EnterAsync(CancellationToken cancellation)
    {
        await Gate.WaitAsync(cancellation).ConfigureAwait(false);
        return new Release(Gate);
    }

    /// <summary>For whoever reads its files, and wants it to be still meanwhile.</summary>
    internal async Task<Release> ReadAsync(CancellationToken cancellation)
    {
        await Reading.WaitAsync(cancellation).ConfigureAwait(false);
        return new Release(Reading);
    }

    internal readonly struct Release(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
