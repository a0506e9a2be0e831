using System.Globalization;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Changes a container's limits: at once where it runs, all of them or none, and for all its later runs.</summary>
    /// <param name="change">Makes the new specification of the present one; it is called while nobody else changes the container.</param>
    /// <param name="reserve">Holds the place of the new limits within those of its agents while they are put in force; throws where there is none.</param>
    /// <returns>Before and after.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: it uses more than the new limit; InvalidArgument, Unimplemented: this host, or its kernel, does not take a value. Nothing has changed.</exception>
    public async Task<(ContainerRecord Before, ContainerRecord After)> SetLimitsAsync(
        ContainerId id, Func<ContainerSpec, ContainerSpec> change, Func<ContainerRecord, IDisposable> reserve, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            ContainerRecord before = container.Record;
            if (container.IsRemoved || before.State is ContainerState.Creating or ContainerState.Removing)
            {
                throw Not("limit", before, "it has to be there, running or not");
            }

            ContainerRecord after = before with { Spec = change(before.Spec), LimitsUnderway = null };
            RequireOnThisHost(after.Spec.Limits);
            using IDisposable place = reserve(after);
            if (Told(before, after) is { Length: > 0 } told)
            {
                await Task.Run(() => ChangeLimits(container, before, after, told), CancellationToken.None).ConfigureAwait(false);
                WatchLimitsAnew(container);
            }

            return (before, container.Record);
        }
    }

    private void ChangeLimits(Container container, ContainerRecord before, ContainerRecord after, (string, string)[] told)
    {
        bool inForce = container.Init is not null;
        ICgroup group = GroupOf(before);
        if (inForce)
        {
            RefuseBelowUse(group, before.Spec, after.Spec);
        }

        Change(container, before with { LimitsUnderway = new LimitsUnderway(after.Spec.Limits, after.Spec.Ulimits) });
        Action? undo = null;
        try
        {
            if (inForce)
            {
                undo = PutInForce(group, before.Spec, after.Spec);
            }
            else
            {
                TryOut(group, after.Spec);
            }

            Change(container, after, new NewEvent(EventTypes.LimitsChanged, told));
        }
        catch
        {
            undo?.Invoke();
            Change(container, before with { LimitsUnderway = null });
            throw;
        }
    }

    /// <returns>Takes it back.</returns>
    private Action PutInForce(ICgroup group, ContainerSpec from, ContainerSpec to)
    {
        Action undoGroup = Refusable(() => group.Change(_limitResources.Between(from.Limits, to.Limits)), group);
        if (FilesOf(from) == FilesOf(to))
        {
            return undoGroup;
        }

        try
        {
            (ulong soft, ulong hard) = FilesOf(to);
            return OpenFileLimits.Change(group, soft, hard) + undoGroup;
        }
        catch (SyscallException e)
        {
            undoGroup();
            throw new QuiltException(ErrorCode.InvalidArgument, $"the kernel gives no process {FilesOf(to).Hard} open files: {e.Errno.Meaning()}", "give fewer, or change it while the container does not run: to give a running process more than it has, quiltd needs CAP_SYS_RESOURCE", "files", e);
        }
    }

    /// <summary>Has the kernel judge limits of a container that has no group at the moment.</summary>
    private void TryOut(ICgroup group, ContainerSpec to)
    {
        try
        {
            group.Create();
            _ = Refusable(() => group.Change(_limitResources.Of(to.Limits)), group);
        }
        finally
        {
            group.Remove();
        }
    }

    private static Action Refusable(Func<Action> change, ICgroup group)
    {
        try
        {
            return change();
        }
        catch (LimitRefusedException e) when (e is { Errno: Errno.EBUSY } && FieldOf(e.File) is "memory" or "swap")
        {
            throw BelowUse("memory", new ByteSize(long.Parse(e.Value, CultureInfo.InvariantCulture)).ToString(), Bytes(group.Statistics().MemoryHeldBytes));
        }
        catch (LimitRefusedException e)
        {
            throw new QuiltException(ErrorCode.InvalidArgument, $"the kernel does not take the limit: {e.Message}", "give another value, or leave it out", FieldOf(e.File), e);
        }
        catch (SyscallException e)
        {
            throw new QuiltException(ErrorCode.Unimplemented, $"this host's control groups cannot do that: {e.Errno.Meaning()}", "leave the limit out, or enable its controller", null, e);
        }
    }

    /// <summary>As whoever asks names the limit that is in a kernel's file.</summary>
    private static string FieldOf(string file) => file switch
    {
        "memory.max" or "memory.limit_in_bytes" => "memory",
        "memory.high" => "memoryHigh",
        "memory.swap.max" or "memory.memsw.limit_in_bytes" => "swap",
        "cpu.max" or "cpu.cfs_quota_us" or "cpu.cfs_period_us" => "cpus",
        "cpu.weight" or "cpu.shares" => "cpuWeight",
        "pids.max" => "pids",
        _ when file.StartsWith("cpuset.", StringComparison.Ordinal) => "cpuset",
        _ when file.StartsWith("hugetlb.", StringComparison.Ordinal) => "hugepages",
        _ when file.Contains("weight", StringComparison.Ordinal) => "ioWeight",
        _ => "io",
    };

    /// <summary>v2 would kill until it fits, and a limit of processes or files below what there is says nothing of it: so we look first.</summary>
    private static void RefuseBelowUse(ICgroup group, ContainerSpec from, ContainerSpec to)
    {
        CgroupStatistics used = group.Statistics();
        (ContainerLimits before, ContainerLimits after) = (from.Limits, to.Limits);
        if (after.MemoryBytes < before.MemoryBytes && used.MemoryHeldBytes > (ulong)after.MemoryBytes)
        {
            throw BelowUse("memory", new ByteSize(after.MemoryBytes).ToString(), Bytes(used.MemoryHeldBytes));
        }

        if (after.SwapBytes < before.SwapBytes && used.SwapBytes > (ulong)after.SwapBytes)
        {
            throw BelowUse("swap", new ByteSize(after.SwapBytes).ToString(), Bytes(used.SwapBytes));
        }

        if (after.Pids > 0 && after.Pids != before.Pids && used.Pids > (ulong)after.Pids)
        {
            throw BelowUse("pids", $"{after.Pids}", $"{used.Pids} processes and threads");
        }

        foreach (HugepageLimit page in after.Hugepages)
        {
            if (group.HugepageBytes(page.PageSize) is var pages && pages > (ulong)page.Bytes)
            {
                throw BelowUse("hugepages", $"{page.PageSize}: {new ByteSize(page.Bytes)}", Bytes(pages));
            }
        }

        if (FilesOf(from) != FilesOf(to) && OpenFileLimits.MostOpen(group) is var open && (ulong)open > FilesOf(to).Soft)
        {
            throw BelowUse("files", $"{FilesOf(to).Soft}", $"{open} files by one of its processes");
        }
    }

    private static QuiltException BelowUse(string field, string asked, string used) => new(
        ErrorCode.FailedPrecondition, $"{field} {asked} is below what the container uses now: {used}", "give more than that, or have it use less first", field);

    private static string Bytes(ulong bytes) => string.Create(CultureInfo.InvariantCulture, $"{new ByteSize((long)bytes)} ({bytes} bytes)");

    private static (ulong Soft, ulong Hard) FilesOf(ContainerSpec spec) =>
        spec.Ulimits.FirstOrDefault(u => u.Name == OpenFileLimits.Name) is { } files ? (files.Soft, files.Hard) : (SpecBuilder.OpenFiles, SpecBuilder.OpenFiles);

    /// <summary>What has changed, by the names that whoever asks gives.</summary>
    private static (string, string)[] Told(ContainerRecord before, ContainerRecord after)
    {
        Dictionary<string, string> from = Texts(before.Spec);
        return [.. Texts(after.Spec).Where(t => from[t.Key] != t.Value).Select(t => (t.Key, t.Value))];

        static Dictionary<string, string> Texts(ContainerSpec spec) => new()
        {
            ["memory"] = Number(spec.Limits.MemoryBytes),
            ["memoryHigh"] = Number(spec.Limits.MemoryHighBytes),
            ["swap"] = Number(spec.Limits.SwapBytes),
            ["cpus"] = spec.Limits.Cpus.ToString(CultureInfo.InvariantCulture),
            ["cpuset"] = spec.Limits.Cpuset,
            ["cpuWeight"] = Number(spec.Limits.CpuWeight),
            ["pids"] = Number(spec.Limits.Pids),
            ["ioWeight"] = Number(spec.Limits.IoWeight),
            ["io"] = string.Join("; ", spec.Limits.Io),
            ["hugepages"] = string.Join("; ", spec.Limits.Hugepages),
            ["files"] = $"{FilesOf(spec).Soft}:{FilesOf(spec).Hard}",
        };

        static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A daemon ended while it changed them: back to what was, or, where that is too little by now, on to what was asked for.</summary>
    private void SettleLimits(Container container)
    {
        if (container.Record is not { LimitsUnderway: { } underway } record)
        {
            return;
        }

        ContainerSpec had = record.Spec, asked = had with { Limits = underway.Limits, Ulimits = underway.Ulimits }, settled = had;
        if (container.Init is not null)
        {
            ICgroup group = GroupOf(record);
            try
            {
                RefuseBelowUse(group, asked, had);
                _ = PutInForce(group, asked, had);
            }
            catch (QuiltException e)
            {
                // Whatever it is held to by now, these are what was last asked for.
                settled = asked;
                LogLimitsSettled(e, record.Id.Value);
                TryInForce(group, had, asked);
            }
        }

        Change(container, record with { Spec = settled, LimitsUnderway = null });
    }

    private void TryInForce(ICgroup group, ContainerSpec from, ContainerSpec to)
    {
        try
        {
            _ = PutInForce(group, from, to);
        }
        catch (QuiltException e)
        {
            LogLimitsNotInForce(e);
        }
    }

    [LoggerMessage(EventId = 37, Level = LogLevel.Error, Message = "a container's limits hold from its next start on alone")]
    private partial void LogLimitsNotInForce(Exception failure);

    [LoggerMessage(EventId = 34, Level = LogLevel.Warning, Message = "the limits of {Container}, which a daemon was changing when it ended, cannot go back to what they were")]
    private partial void LogLimitsSettled(Exception failure, string container);
}
