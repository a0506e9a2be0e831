using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const int ProbeOutputBytes = 4096;
    private const int CannotBeRun = 126, NotFound = 127, NotRunToItsEnd = -1;

    // A process that the kernel does not let die is not waited for.
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(5);
    private readonly HealthWatches _health = new();

    /// <summary>Probes a container that has just started, or was found running, until that run is over. Without a health check nothing happens.</summary>
    private void WatchHealth(Container container)
    {
        if (container.Record is { HealthCheck: { } check, State: ContainerState.Running { StartedAt: var run } })
        {
            _health.Begin(ending => WatchHealthAsync(container, run, check, ending));
        }
    }

    private async Task WatchHealthAsync(Container container, DateTimeOffset run, HealthCheck check, CancellationToken ending)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(ending);
        Task probing = ProbeAgainAndAgainAsync(container, run, check, over.Token);
        await Task.WhenAny(probing, container.WaitAsync(r => r.State is not ContainerState.Running running || running.StartedAt != run, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await probing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (probing.Exception is { } failure)
        {
            LogHealthUnknown(failure, container.Id.Value);
        }
    }

    private async Task ProbeAgainAndAgainAsync(Container container, DateTimeOffset run, HealthCheck check, CancellationToken over)
    {
        while (container.Record.State is ContainerState.Running { Health: { } health })
        {
            await Task.Delay(health.Pause(check, run, DateTimeOffset.UtcNow), over).ConfigureAwait(false);
            await container.WaitAsync(MayBeProbed, over).ConfigureAwait(false);
            if (await ProbeUndisturbedAsync(container, check, over).ConfigureAwait(false) is { } probe)
            {
                await RecordAsync(container, run, check, probe, over).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Of one that has just started, or was found.</summary>
    private static Health? HealthOf(ContainerRecord record) => record.HealthCheck is null ? null : Health.Unknown;

    private static bool MayBeProbed(ContainerRecord record) => record.State is ContainerState.Running { MayBeProbed: true };

    /// <returns>Null where the container was frozen, for a pause or a snapshot, or asked to end meanwhile: such a probe says nothing.</returns>
    private async Task<HealthProbe?> ProbeUndisturbedAsync(Container container, HealthCheck check, CancellationToken over)
    {
        using CancellationTokenSource disturbed = CancellationTokenSource.CreateLinkedTokenSource(over);
        int before = container.Disturbances;
        Task disturbance = container.WaitAsync(r => !MayBeProbed(r) || container.Disturbances != before, disturbed.Token);
        Task<HealthProbe> probing = ProbeAsync(container, check, disturbed.Token);
        await Task.WhenAny(probing, disturbance).ConfigureAwait(false);
        bool undisturbed = !disturbance.IsCompleted;
        await disturbed.CancelAsync().ConfigureAwait(false);
        await ((Task)probing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return undisturbed && probing.IsCompletedSuccessfully ? await probing.ConfigureAwait(false) : null;
    }

    /// <summary>One probe to its end, which is at the check's timeout at the latest. Given up, its command is killed.</summary>
    private async Task<HealthProbe> ProbeAsync(Container container, HealthCheck check, CancellationToken cancellation)
    {
        DateTimeOffset began = DateTimeOffset.UtcNow;
        BoundedOutput output = new(ProbeOutputBytes);
        HealthProbe Ended(int exitCode, bool timedOut, string? why = null) =>
            new(began, DateTimeOffset.UtcNow, exitCode, timedOut, why ?? Encoding.UTF8.GetString(output.ToArray()));
        using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patient.CancelAfter(check.Timeout + ProbePatience);
        try
        {
            using ProcessStream stream = await ExecStreamAsync(container.Id, new ExecSpec { Command = check.Command, Timeout = check.Timeout }, unhurried: true, patient.Token).ConfigureAwait(false);
            while (await stream.ReadAsync(patient.Token).ConfigureAwait(false) is { } next)
            {
                if (next.Exit is { } exit)
                {
                    return Ended(exit.ExitCode, exit.TimedOut);
                }

                output.Append(next.Data.Span);
            }

            return Ended(NotRunToItsEnd, timedOut: false, "the container ended");
        }
        catch (Exception e) when (e is QuiltException or SyscallException or IOException)
        {
            return Ended((e as QuiltException)?.Code switch { ErrorCode.CommandNotFound => NotFound, ErrorCode.CommandNotExecutable => CannotBeRun, _ => NotRunToItsEnd }, timedOut: false, e.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Ended(NotRunToItsEnd, timedOut: true);
        }
    }

    private void TellHealth(ContainerRecord record, Health now, HealthProbe probe)
    {
        // Its status says it all the same.
        if (_database.TryWrite(writer => writer.Append(
            probe.EndedAt, EventTypes.HealthChanged, record, ("status", now.Name), ("exitCode", probe.ExitCode.ToString(CultureInfo.InvariantCulture)))))
        {
            _events.Beat();
        }
    }

    private async Task RecordAsync(Container container, DateTimeOffset run, HealthCheck check, HealthProbe probe, CancellationToken cancellation)
    {
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            ContainerRecord record = container.Record;

            // The end of its own command ends its probe too: that is told as the end.
            if (record.State is not ContainerState.Running { Health: { } before, IsFrozen: false, Process.IsAlive: true } running || running.StartedAt != run)
            {
                return;
            }

            Health now = before.With(probe, check, run);
            record = record with { State = running with { Health = now } };
            if (now.Status != before.Status)
            {
                TellHealth(record, now, probe);
            }

            // Of the moment: no row has it.
            container.Set(record);
        }
    }

    [LoggerMessage(EventId = 33, Level = LogLevel.Error, Message = "{Container} is not probed any more")]
    private partial void LogHealthUnknown(Exception failure, string container);
}
