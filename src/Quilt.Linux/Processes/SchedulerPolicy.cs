namespace Quilt.Linux;

/// <summary>The runtime spec's scheduler names as the kernel's numbers (sched(7)).</summary>
public static class SchedulerPolicy
{
    /// <summary>-1 for an unknown one, and for SCHED_ISO, which no kernel has.</summary>
    public static int NumberOf(string name) => name switch
    {
        "SCHED_OTHER" => 0,
        "SCHED_FIFO" => 1,
        "SCHED_RR" => 2,
        "SCHED_BATCH" => 3,
        "SCHED_IDLE" => 5,
        "SCHED_DEADLINE" => 6,
        _ => -1,
    };

    /// <summary>A bit of sched_setattr(2)'s flags; 0 for an unknown one.</summary>
    public static ulong FlagOf(string name) => name switch
    {
        "SCHED_FLAG_RESET_ON_FORK" => 0x01,
        "SCHED_FLAG_RECLAIM" => 0x02,
        "SCHED_FLAG_DL_OVERRUN" => 0x04,
        "SCHED_FLAG_KEEP_POLICY" => 0x08,
        "SCHED_FLAG_KEEP_PARAMS" => 0x10,
        "SCHED_FLAG_UTIL_CLAMP_MIN" => 0x20,
        "SCHED_FLAG_UTIL_CLAMP_MAX" => 0x40,
        _ => 0,
    };
}
