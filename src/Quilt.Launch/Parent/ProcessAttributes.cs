using System.Globalization;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch.Parent;

/// <summary>What the kernel lets only the parent set, on the waiting child.</summary>
internal static class ProcessAttributes
{
    /// <summary>
    /// They are the command's, not the launcher's: setting up takes more files, and may write larger ones, than a command may be
    /// allowed, and a scheduling class may depend on the group.
    /// </summary>
    /// <param name="files">How many the child is sent.</param>
    /// <returns>Whether a child that has them already can still set a container up.</returns>
    internal static bool LeaveRoomForSetUp(OciProcess process, int files)
    {
        const int ownFiles = 64;
        return process.Scheduler is null
            && !process.Rlimits.Any(l => l.Type is "RLIMIT_FSIZE" or "RLIMIT_STACK" or "RLIMIT_AS" or "RLIMIT_DATA" || (l.Type == "RLIMIT_NOFILE" && l.Soft < (ulong)(files + ownFiles)));
    }

    internal static void Set(int pid, OciProcess process)
    {
        try
        {
            foreach (OciRlimit limit in process.Rlimits)
            {
                SetLimit(pid, limit);
            }

            if (process.OomScoreAdj is { } score)
            {
                Sys.WriteFile($"/proc/{pid}/oom_score_adj", score.ToString(CultureInfo.InvariantCulture));
            }

            SetScheduler(pid, process.Scheduler);
            SetIoPriority(pid, process.IoPriority);
        }
        catch (SyscallException e)
        {
            throw Failure(e);
        }
    }

    private static void SetLimit(int pid, OciRlimit limit)
    {
        try
        {
            Sys.SetResourceLimit(pid, ResourceLimits.NumberOf(limit.Type), limit.Soft, limit.Hard);
        }
        catch (SyscallException e)
        {
            throw new LaunchException(LaunchStage.ProcessAttributes, e.Errno, $"set {limit.Type} to {limit.Soft}, and at most {limit.Hard} ({e.Call})", e);
        }
    }

    /// <summary>For what is executed in a running container; its first process has the cpuset's processors.</summary>
    internal static void SetAffinity(int pid, OciCpuAffinity? affinity)
    {
        // The process has joined its cgroup by now, so that only the final one lasts.
        string? list = string.IsNullOrEmpty(affinity?.Final) ? affinity?.Initial : affinity.Final;
        if (string.IsNullOrEmpty(list))
        {
            return;
        }

        if (!ProcessorList.TryParse(list, out SortedSet<int> processors))
        {
            throw QuiltException.Invalid("process.execCPUAffinity", $"'{list}' is not a list of processors", "give numbers and ranges, such as 0-3,7");
        }

        try
        {
            Sys.SetAffinity(pid, processors);
        }
        catch (SyscallException e)
        {
            throw Failure(e);
        }
    }

    private static void SetScheduler(int pid, OciScheduler? scheduler)
    {
        if (scheduler is null)
        {
            return;
        }

        int policy = SchedulerPolicy.NumberOf(scheduler.Policy);
        if (policy < 0)
        {
            throw QuiltException.Invalid("process.scheduler.policy", $"scheduling policy '{scheduler.Policy}' is unknown", "use SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE or SCHED_DEADLINE");
        }

        ulong flags = 0;
        foreach (string name in scheduler.Flags)
        {
            ulong flag = SchedulerPolicy.FlagOf(name);
            flags |= flag != 0 ? flag : throw QuiltException.Invalid("process.scheduler.flags", $"scheduler flag '{name}' is unknown", "see the OCI runtime spec, config.md");
        }

        Sys.SetScheduler(pid, policy, flags, scheduler.Nice, (uint)scheduler.Priority, scheduler.Runtime, scheduler.Deadline, scheduler.Period);
    }

    private static void SetIoPriority(int pid, OciIoPriority? priority)
    {
        if (priority is not null)
        {
            Sys.SetIoPriority(pid, IoPriority.TryEncode(priority.Class, priority.Priority, out int encoded)
                ? encoded
                : throw QuiltException.Invalid("process.ioPriority", $"I/O priority {priority.Class} {priority.Priority} is unknown", "use IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE with 0 to 7"));
        }
    }

    private static LaunchException Failure(SyscallException e) =>
        new(LaunchStage.ProcessAttributes, e.Errno, $"set the process's limits ({e.Call})", e);
}
