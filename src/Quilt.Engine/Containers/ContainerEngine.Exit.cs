using System.Globalization;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private static readonly TimeSpan ReadAgain = TimeSpan.FromMilliseconds(100);

    /// <param name="told">What the shim put on the disk and told us; null where it went without a word.</param>
    private async Task OnEndAsync(Container container, ShimLink shim, ExitRecord? told)
    {
        if (told is null)
        {
            shim.RemoveSocket();
        }

        ContainerExit exit = told is not null ? ExitOf(told) : await ReadExitAsync(container.Layout).ConfigureAwait(false) ?? Lost(ContainerExit.ShimLost);
        using (await container.EnterAsync(CancellationToken.None).ConfigureAwait(false))
        {
            await RecordExitAsync(container, shim, exit).ConfigureAwait(false);
        }
    }

    /// <summary>As <see cref="ExitOnDisk"/>, however long the host has not what is needed to read it: a true exit code is not given up for that.</summary>
    private static async Task<ContainerExit?> ReadExitAsync(BundleLayout layout)
    {
        while (true)
        {
            try
            {
                return ExitOnDisk(layout);
            }
            catch (IOException)
            {
                await Task.Delay(ReadAgain).ConfigureAwait(false);
            }
        }
    }

    private async Task RecordExitAsync(Container container, ShimLink shim, ContainerExit exit)
    {
        if (container.Shim != shim)
        {
            return; // told already, or of a run that is over
        }

        CgroupStatistics? used = UsedAtEnd(container.Record);
        NetworkCounters network = KeepTraffic(container);
        IReadOnlyList<LimitReached> reached = container.LimitWatch?.LookLast(used) ?? [];
        (container.Shim, container.Init, container.LimitWatch) = (null, null, null);
        _shims.GiveBack(shim);
        await TryRemoveGroupAsync(container.Record).ConfigureAwait(false);
        if (container.Record.State is not ContainerState.Running running)
        {
            return; // only what was prepared is gone: it is prepared again when it is started
        }

        SetExited(container, running, exit, used, network, reached);
        RemoveEnded(container);
    }

    /// <summary>Of one that has ended all the same: its removal, or the next start, tries again.</summary>
    private async Task TryRemoveGroupAsync(ContainerRecord record)
    {
        try
        {
            await RemoveGroupAsync(record).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SyscallException or IOException)
        {
            LogGroupLeft(e, record.Id.Value);
        }
    }

    /// <summary>Read before the group goes; null where nobody can ask, nothing ran, or the group is gone, as after a restart of the host.</summary>
    private CgroupStatistics? UsedAtEnd(ContainerRecord record) =>
        record.IsRunning && !record.Spec.AutoRemove && GroupOf(record).Statistics() is { CpuUsageMicros: > 0 } used ? used : null;

    private void SetExited(Container container, ContainerState.Running? running, ContainerExit exit, CgroupStatistics? used, NetworkCounters network, IReadOnlyList<LimitReached> reached)
    {
        ContainerRecord record = container.Record with { State = new ContainerState.Exited(exit, running?.StartedAt) { Used = used?.AtItsEnd(), Network = network } };
        List<NewEvent> events = [.. reached.Select(EventOf)];
        if (exit.OomKilled)
        {
            events.Add(new NewEvent(EventTypes.OutOfMemory));
        }

        events.Add(new NewEvent(EventTypes.Exited, ("exitCode", exit.ExitCode.ToString(CultureInfo.InvariantCulture)), ("reason", exit.Reason)));
        try
        {
            Change(container, record, [.. events]);
        }
        catch (QuiltException e)
        {
            // It has ended all the same. The exit file says so at the next start too.
            LogExitNotKept(e, record.Id.Value, exit.ExitCode);
            container.Set(record);
        }
    }

    private static ContainerExit ExitOf(ExitRecord exit) => new(exit.ExitCode, exit.Signal, exit.OomKilled, exit.ExitedAt);

    private static ContainerExit Lost(string reason) => new(128 + Signals.Kill, Signals.Kill, false, DateTimeOffset.UtcNow, reason);

    /// <summary>What the shim wrote of the last run; null where it wrote nothing.</summary>
    /// <exception cref="IOException">The host lacks what is needed to read it.</exception>
    private static ContainerExit? ExitOnDisk(BundleLayout layout)
    {
        try
        {
            return System.Text.Json.JsonSerializer.Deserialize(File.ReadAllBytes(layout.Exit), ShimJson.Default.ExitRecord) is { } exit ? ExitOf(exit) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or System.Text.Json.JsonException || (e is IOException && HostShortage.Of(e) is null))
        {
            return null;
        }
    }

    [LoggerMessage(EventId = 32, Level = LogLevel.Warning, Message = "the control group of {Container} could not be removed")]
    private partial void LogGroupLeft(Exception failure, string container);

    [LoggerMessage(EventId = 30, Level = LogLevel.Error, Message = "the exit code {ExitCode} of {Container} could not be written to the database")]
    private partial void LogExitNotKept(Exception failure, string container, int exitCode);
}
