using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>How long a shim has to answer whose container stands still: it has no more to do than to signal a process.</summary>
    private static readonly TimeSpan PatienceWithFrozen = TimeSpan.FromSeconds(1);

    /// <summary>Asks it to end, and kills it where it has not after the time.</summary>
    /// <param name="signal">Null: its own stop signal.</param>
    /// <param name="timeout">Null: its own; zero kills at once.</param>
    /// <returns>Its record, and whether it had to be killed. One that has ended already stays as it is.</returns>
    public async Task<(ContainerRecord Record, bool Forced)> StopAsync(ContainerId id, int? signal, TimeSpan? timeout, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        TimeSpan patience = timeout ?? container.Record.Spec.StopTimeout;
        bool forced = patience <= TimeSpan.Zero;
        container.BeginStop();
        try
        {
            if (await TryStopAsync(container, forced ? Signals.Kill : signal ?? container.Record.StopSignal, forced ? Timeout.InfiniteTimeSpan : patience, cancellation).ConfigureAwait(false))
            {
                return (container.Record, forced);
            }

            await TryStopAsync(container, Signals.Kill, Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false);
            return (container.Record, true);
        }
        finally
        {
            container.EndStop();
            _ = SetNotStoppingAsync(container); // whoever has given up does not wait for whoever has the gate
        }
    }

    /// <summary>Of one that runs on though it was asked to end, when nobody waits for that any more.</summary>
    private static async Task SetNotStoppingAsync(Container container)
    {
        if (container.Record.State is not ContainerState.Running { Stopping: true })
        {
            return; // it has ended, as nearly all do
        }

        using (await container.EnterAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (!container.IsStopping && container.Record.State is ContainerState.Running { Stopping: true } running)
            {
                container.Set(container.Record with { State = running with { Stopping = false } });
            }
        }
    }

    /// <returns>False where it runs on after the time.</returns>
    private async Task<bool> TryStopAsync(Container container, int signal, TimeSpan patience, CancellationToken cancellation)
    {
        DateTimeOffset run;
        try
        {
            run = await SignalAsync(container, signal, "stop", stopping: true, cancellation).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.FailedPrecondition && container.Record.State is ContainerState.Exited)
        {
            return true; // it has ended by itself
        }

        using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patient.CancelAfter(TimerSpan.Of(patience));
        try
        {
            await container.WaitAsync(r => r.State is not ContainerState.Running running || running.StartedAt != run, patient.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Sends a signal to its command and returns; SIGKILL ends all of its processes.</summary>
    public async Task KillAsync(ContainerId id, int signal, CancellationToken cancellation) =>
        await SignalAsync(_containers.Get(id), signal, "signal", stopping: false, cancellation).ConfigureAwait(false);

    /// <returns>When the run began that was signalled.</returns>
    private async Task<DateTimeOffset> SignalAsync(Container container, int signal, string operation, bool stopping, CancellationToken cancellation)
    {
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            if (container.Record.State is not ContainerState.Running running || container.Shim is null)
            {
                throw Not(operation, container.Record, "it has to run");
            }

            // A frozen process takes no signal before it thaws, not even the last one (v1).
            using CgroupFreezer? freezer = stopping || signal == Signals.Kill ? OpenFreezerToEnd(container.Record) : null;
            await SignalAsync(container.Shim, new SignalRequest(signal, null, false), running.IsFrozen ? container.Record : null, freezer).ConfigureAwait(false);
            if (freezer is not null)
            {
                SetPaused(container, running with { Still = false, Stopping = stopping }, paused: false);
            }
            else if (stopping)
            {
                container.Set(container.Record with { State = running with { Stopping = true } });
            }

            return running.StartedAt;
        }
    }

    /// <summary>Has a shim signal its container's command.</summary>
    /// <param name="frozen">The container where it stands still; null: it does not.</param>
    /// <param name="freezer">Lets it go on once it is signalled; null: it stays as it is, and takes the signal when it goes on.</param>
    private async Task SignalAsync(ShimLink shim, SignalRequest signal, ContainerRecord? frozen, CgroupFreezer? freezer)
    {
        Task asked = shim.AskAsync(new ShimRequest { Signal = signal }, CancellationToken.None);

        // A shim that is held up, such as one that is stopped itself, does what was asked once it goes on.
        bool heldUp = frozen is not null && await Task.WhenAny(asked, Task.Delay(PatienceWithFrozen)).ConfigureAwait(false) != asked;
        if (!heldUp)
        {
            await asked.ConfigureAwait(false);
        }
        else if (freezer is not null && signal.Signal == Signals.Kill)
        {
            await Task.Run(GroupOf(frozen!).KillAll).ConfigureAwait(false);
        }

        if (freezer is not null)
        {
            await Task.Run(() => freezer.Set(false)).ConfigureAwait(false);
            await asked.ConfigureAwait(false);
        }
    }

    /// <summary>Stops every process of it where it is, until <see cref="UnpauseAsync"/>.</summary>
    public Task<ContainerRecord> PauseAsync(ContainerId id, CancellationToken cancellation) => PauseAsync(id, true, cancellation);

    public Task<ContainerRecord> UnpauseAsync(ContainerId id, CancellationToken cancellation) => PauseAsync(id, false, cancellation);

    private async Task<ContainerRecord> PauseAsync(ContainerId id, bool pause, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            if (container.Record.State is not ContainerState.Running running)
            {
                throw Not(pause ? "pause" : "unpause", container.Record, "it has to run");
            }

            // Asked twice is done once.
            if (running.Paused != pause)
            {
                SetPausedInKernel(container, running, pause);
            }

            return container.Record;
        }
    }

    /// <summary>In the kernel only where nobody holds it still at the moment: whoever does does it then.</summary>
    private void SetPausedInKernel(Container container, ContainerState.Running running, bool paused)
    {
        if (running.Still)
        {
            SetPaused(container, running, paused);
            return;
        }

        using CgroupFreezer freezer = OpenFreezer(container.Record, paused);
        SetFrozen(container.Record, freezer, paused);

        try
        {
            SetPaused(container, running, paused);
        }
        catch
        {
            PutBack(freezer, !paused); // it is told as it was before
            throw;
        }
    }

    /// <summary>After a failure that is told instead of this one.</summary>
    private static void PutBack(CgroupFreezer freezer, bool frozen)
    {
        try
        {
            freezer.Set(frozen);
        }
        catch (SyscallException)
        {
            // Asked to pause and to go on once more it does.
        }
    }

    private void SetPaused(Container container, ContainerState.Running running, bool paused)
    {
        ContainerRecord record = container.Record with { State = running with { Paused = paused } };
        if (running.Paused == paused)
        {
            container.Set(record);
        }
        else
        {
            Change(container, record, new NewEvent(paused ? EventTypes.Paused : EventTypes.Unpaused));
        }
    }
}
