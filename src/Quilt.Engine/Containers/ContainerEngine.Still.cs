using System.Diagnostics;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>
    /// Keeps a container's files as they are while somebody reads them: one that runs is frozen, one that does not is not started. It is
    /// told as running all the while, execs wait, and what ends it thaws it. No row has it: a frozen container that nobody has paused
    /// is what a daemon left that died meanwhile, and the next one thaws it.
    /// </summary>
    /// <param name="container">Whose <see cref="Container.ReadAsync"/> the caller has: the first of two to end would let it run on under the second.</param>
    /// <param name="frozen">False: what runs goes on running.</param>
    /// <exception cref="QuiltException">FailedPrecondition: it is being made or removed; Aborted: it could not be frozen, and runs on.</exception>
    private async Task<Stillness> StillAsync(Container container, bool frozen, CancellationToken cancellation)
    {
        Container.Release? gate = null;
        CgroupFreezer? freezer = null;
        DateTimeOffset? run = null;
        try
        {
            gate = await container.EnterAsync(cancellation).ConfigureAwait(false);
            if (container.IsRemoved)
            {
                throw ContainerTable.NotFound(container.Record.Name.Value);
            }

            long began = Stopwatch.GetTimestamp();
            switch (container.Record.State)
            {
                case ContainerState.Running running when frozen:
                    freezer = OpenFreezer(container.Record, frozen: true);
                    Freeze(container, running, freezer);
                    run = running.StartedAt;
                    break;
                case ContainerState.Running:
                    break;
                case ContainerState.Created or ContainerState.Exited:
                    return new Stillness(container, null, null, gate, began);
                default:
                    throw Not("read the files of", container.Record, "it has to be there");
            }

            gate.Value.Dispose();
            return new Stillness(container, run, freezer, null, began);
        }
        catch
        {
            freezer?.Dispose();
            gate?.Dispose();
            throw;
        }
    }

    private static void Freeze(Container container, ContainerState.Running running, CgroupFreezer freezer)
    {
        // First, so that no exec begins that would be frozen on its way in.
        container.Set(container.Record with { State = running with { Still = true } });
        if (running.Paused)
        {
            return;
        }

        try
        {
            SetFrozen(container.Record, freezer, true);
        }
        catch
        {
            container.Set(container.Record with { State = running });
            throw;
        }
    }

    /// <summary>Before it is stopped: nobody else lets it go on, and there may be no descriptors for it then.</summary>
    private CgroupFreezer OpenFreezer(ContainerRecord record, bool frozen)
    {
        try
        {
            return GroupOf(record).OpenFreezer();
        }
        catch (SyscallException e) when (HostShortage.Of(e) is null)
        {
            throw NotSet(record, frozen, e);
        }
    }

    /// <summary>For who ends it. Null: it does not stand still, or its group is gone, in which nothing does.</summary>
    private CgroupFreezer? OpenFreezerToEnd(ContainerRecord record)
    {
        if (record.State is not ContainerState.Running { IsFrozen: true })
        {
            return null;
        }

        try
        {
            return GroupOf(record).OpenFreezer();
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    /// <exception cref="QuiltException">Aborted: it could not be, and is as it was.</exception>
    private static void SetFrozen(ContainerRecord record, CgroupFreezer freezer, bool frozen)
    {
        try
        {
            freezer.Set(frozen); // here: while it stands still, each change of threads is a wait for a processor
        }
        catch (SyscallException e) when (HostShortage.Of(e) is null)
        {
            throw NotSet(record, frozen, e);
        }
    }

    private static QuiltException NotSet(ContainerRecord record, bool frozen, SyscallException why) =>
        new(ErrorCode.Aborted, $"the container '{record.Name}' could not be {(frozen ? "paused" : "resumed")}: {why.Message}", "try again", null, why);

    /// <param name="run">When the run began that is frozen; null: none is.</param>
    /// <param name="freezer">Of that run; also where it was paused, for it may be let go on meanwhile.</param>
    /// <param name="gate">Held where it does not run.</param>
    /// <param name="began">A moment before it was frozen.</param>
    private sealed class Stillness(Container container, DateTimeOffset? run, CgroupFreezer? freezer, Container.Release? gate, long began) : IAsyncDisposable
    {
        /// <summary>It has not been ended or removed meanwhile.</summary>
        internal bool Held => run is null ? !container.IsRemoved : IsOurs(container.Record.State);

        /// <summary>From before it was frozen until after it was thawed, once this is disposed.</summary>
        internal TimeSpan Lasted { get; private set; }

        public async ValueTask DisposeAsync()
        {
            try
            {
                gate?.Dispose();
                if (run is not null)
                {
                    await ThawAsync().ConfigureAwait(false);
                }

                Lasted = Stopwatch.GetElapsedTime(began);
            }
            finally
            {
                freezer?.Dispose();
            }
        }

        private bool IsOurs(ContainerState state) => state is ContainerState.Running { Still: true } running && running.StartedAt == run;

        private async Task ThawAsync()
        {
            using (await container.EnterAsync(CancellationToken.None).ConfigureAwait(false))
            {
                if (!IsOurs(container.Record.State))
                {
                    return; // ended meanwhile, and thawed for that
                }

                ContainerState.Running running = (ContainerState.Running)container.Record.State;
                if (!running.Paused)
                {
                    freezer!.Set(false);
                }

                container.Set(container.Record with { State = running with { Still = false } });
            }
        }
    }
}
