using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Linux;
using Quilt.Network;

namespace Quilt.Aria;

/// <summary>Stops and removes, in their order, the containers that were to live as long as something that has ended, and then its networks: those and no others.</summary>
internal sealed partial class Cleanup(ContainerEngine engine, ILogger<Cleanup> logger)
{
    /// <param name="ended">Closed: nothing is made in them any more.</param>
    internal async Task<CleanupReport> RunAsync(IReadOnlyList<Lifespan> ended, CancellationToken cancellation)
    {
        List<CleanedContainer> report = [];
        HashSet<string> ids = [.. ended.Select(e => e.Id)];
        await ReleaseSharedAsync(ids, report, cancellation).ConfigureAwait(false);
        report.AddRange(await RemoveAsync(r => EndsWith(r, ids), cancellation).ConfigureAwait(false));
        return new CleanupReport { Containers = report, Networks = await RemoveNetworksAsync(n => ids.Contains(n.LivesWith), cancellation).ConfigureAwait(false), Tasks = [.. ended.Where(e => e.Kind == LifespanKind.Task).Select(e => e.Id)] };
    }

    /// <summary>Also those that others are in still: it was declared when they end.</summary>
    /// <returns>Their names.</returns>
    internal async Task<IReadOnlyList<string>> RemoveNetworksAsync(Func<ContainerNetwork, bool> which, CancellationToken cancellation)
    {
        List<string> removed = [];
        foreach (ContainerNetwork network in engine.Wiring.Networks.Where(which))
        {
            await UntilDoneAsync(() => engine.RemoveNetwork(network.Id, force: true), e => LogNetworkNotRemoved(e, network.Name), cancellation).ConfigureAwait(false);
            removed.Add(network.Name);
        }

        return removed;
    }

    /// <summary>An agent's, when it goes. Containers of others that have one lose it.</summary>
    internal async Task RemoveVolumesAsync(string agent, CancellationToken cancellation)
    {
        while (engine.Volumes.FirstOrDefault(v => v.Owner == agent) is { } volume)
        {
            await UntilDoneAsync(() => RemoveVolumeAsync(volume.Id, cancellation), e => LogVolumeNotRemoved(e, volume.Name), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Those that there are now, in their order: of one stop order at once.</summary>
    /// <param name="longest">Each is asked to end for as long as it says itself, and no longer than this.</param>
    internal async Task<IReadOnlyList<CleanedContainer>> RemoveAsync(Func<ContainerRecord, bool> which, CancellationToken cancellation, TimeSpan? longest = null)
    {
        List<CleanedContainer> removed = [];
        foreach (IGrouping<int, ContainerRecord> together in engine.All().Where(which).OrderBy(r => r.CreatedAt).GroupBy(r => r.Spec.StopOrder).OrderBy(g => g.Key).ToArray())
        {
            removed.AddRange(await Task.WhenAll(together.Select(r => RemoveAsync(r, longest, cancellation))).ConfigureAwait(false));
        }

        return removed;
    }

    /// <summary>Asked to end first, then removed; tried until it is gone.</summary>
    private async Task<CleanedContainer> RemoveAsync(ContainerRecord record, TimeSpan? longest, CancellationToken cancellation)
    {
        ContainerExit? exit = null;
        bool? forced = null;
        string outcome = "removed";
        await UntilDoneAsync(TryAsync, e => LogNotRemoved(e, record.Id.Value), cancellation).ConfigureAwait(false);
        return new CleanedContainer { Id = record.Id.Value, Name = record.Name.Value, Outcome = outcome, ExitCode = exit?.ExitCode, Forced = forced };

        async Task TryAsync()
        {
            try
            {
                if (engine.Get(record.Id).IsRunning)
                {
                    (ContainerRecord stopped, bool killed) = await engine.StopAsync(record.Id, null, longest < record.Spec.StopTimeout ? longest : null, cancellation).ConfigureAwait(false);
                    (exit, forced) = (ContainerView.ExitOf(stopped), killed);
                }

                exit ??= (engine.Get(record.Id).State as ContainerState.Exited)?.Exit;
                await engine.RemoveAsync(record.Id, force: true, cancellation).ConfigureAwait(false);
            }
            catch (QuiltException e) when (e.Code == ErrorCode.NotFound)
            {
                outcome = exit is null && forced is null ? "gone" : "removed"; // one that removes itself when it has ended was faster
            }
        }
    }

    /// <summary>It is nobody's to try again: what fails is tried until it does not, more and more rarely.</summary>
    /// <param name="failed">Told each time, to log it.</param>
    internal static async Task UntilDoneAsync(Func<Task> attempt, Action<Exception> failed, CancellationToken cancellation)
    {
        GrowingPause pause = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        do
        {
            try
            {
                await attempt().ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is QuiltException or AggregateException or SyscallException or IOException)
            {
                failed(e);
            }
        }
        while (await pause.WaitAsync(cancellation).ConfigureAwait(false));
        throw new OperationCanceledException(cancellation);
    }

    internal static Task UntilDoneAsync(Action attempt, Action<Exception> failed, CancellationToken cancellation) => UntilDoneAsync(
        () =>
        {
            attempt();
            return Task.CompletedTask;
        },
        failed, cancellation);

    /// <summary>Exactly what was declared: a task's containers with the last of its tasks, a session's with the session, a service's never.</summary>
    internal static bool EndsWith(ContainerRecord record, HashSet<string> ended) => record.Spec.Strategy switch
    {
        ContainerStrategy.Task when record.Owner.Tasks.Count > 0 => record.Owner.Tasks.All(ended.Contains),
        ContainerStrategy.Service => false,
        _ => ended.Contains(record.Owner.Session),
    };

    /// <summary>Those that another task has too live on, with that one.</summary>
    private async Task ReleaseSharedAsync(HashSet<string> ended, List<CleanedContainer> report, CancellationToken cancellation)
    {
        foreach (ContainerRecord record in engine.All().Where(r => r.Owner.Tasks.Any(ended.Contains) && !r.Owner.Tasks.All(ended.Contains)).ToArray())
        {
            await UntilDoneAsync(() => ReleaseAsync(record, ended, report, cancellation), e => LogNotReleased(e, record.Id.Value), cancellation).ConfigureAwait(false);
        }
    }

    private async Task ReleaseAsync(ContainerRecord record, HashSet<string> ended, List<CleanedContainer> report, CancellationToken cancellation)
    {
        try
        {
            ContainerRecord released = await engine.ChangeOwnerAsync(
                record.Id, r => new NewOwner(r.Owner with { Tasks = WithoutEnded(r.Owner.Tasks, ended) }, r.Spec.Strategy, r.Group), cancellation).ConfigureAwait(false);
            if (!EndsWith(released, ended))
            {
                report.Add(new CleanedContainer { Id = record.Id.Value, Name = record.Name.Value, Outcome = "kept" });
            }
        }
        catch (QuiltException e) when (e.Code is ErrorCode.NotFound or ErrorCode.FailedPrecondition)
        {
            LogGoing(e, record.Id.Value); // it goes by itself
        }
    }

    /// <summary>All of them, where the others were left meanwhile, by ends of their own: it goes with these.</summary>
    private static IReadOnlyList<string> WithoutEnded(IReadOnlyList<string> tasks, HashSet<string> ended)
    {
        string[] left = [.. tasks.Where(t => !ended.Contains(t))];
        return left.Length > 0 ? left : tasks;
    }

    private async Task RemoveVolumeAsync(string volume, CancellationToken cancellation)
    {
        foreach ((ContainerRecord user, VolumeMount mount) in engine.UsersOfVolume(volume).OrderByDescending(u => u.Mount.Path.Length))
        {
            await engine.DetachVolumeAsync(volume, user.Id, mount.Path, force: true, cancellation).ConfigureAwait(false);
        }

        await engine.RemoveVolumeAsync(volume, _ => true).ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 61, Level = LogLevel.Warning, Message = "{Container} could not be removed with what it lived for, which is tried again")]
    private partial void LogNotRemoved(Exception failure, string container);

    [LoggerMessage(EventId = 65, Level = LogLevel.Warning, Message = "the network {Network} could not be removed with what it lived for, which is tried again")]
    private partial void LogNetworkNotRemoved(Exception failure, string network);

    [LoggerMessage(EventId = 66, Level = LogLevel.Warning, Message = "the volume {Volume} could not be removed with its agent, which is tried again")]
    private partial void LogVolumeNotRemoved(Exception failure, string volume);

    [LoggerMessage(EventId = 62, Level = LogLevel.Information, Message = "{Container} was going when its task ended")]
    private partial void LogGoing(Exception failure, string container);

    [LoggerMessage(EventId = 68, Level = LogLevel.Warning, Message = "{Container} could not be left to the tasks that go on, which is tried again")]
    private partial void LogNotReleased(Exception failure, string container);
}
