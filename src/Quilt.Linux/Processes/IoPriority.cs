namespace Quilt.Linux;

/// <summary>The runtime spec's I/O priority as the kernel takes it (ioprio_set(2)).</summary>
public static class IoPriority
{
    private const int ClassShift = 13, LevelMask = 7;

    /// <summary>From <c>IOPRIO_CLASS_RT</c>, <c>_BE</c> or <c>_IDLE</c> and a level of 0 (first) to 7.</summary>
    public static bool TryEncode(string className, long level, out int encoded)
    {
        int number = className switch { "IOPRIO_CLASS_RT" => 1, "IOPRIO_CLASS_BE" => 2, "IOPRIO_CLASS_IDLE" => 3, _ => 0 };
        encoded = (number << ClassShift) | (int)(level & LevelMask);
        return number != 0 && level is >= 0 and <= LevelMask;
    }
}
