namespace Quilt.Linux;

/// <summary>prctl(2) options that Quilt uses (linux/prctl.h).</summary>
public static class ProcessControlOption
{
    public const int SetParentDeathSignal = 1;
    public const int SetDumpable = 4;
    public const int SetKeepCapabilities = 8;
    public const int SetName = 15;
    public const int DropFromBoundingSet = 24;
    public const int SetSecureBits = 28;
    public const int SetChildSubreaper = 36;
    public const int SetNoNewPrivileges = 38;
    public const int AmbientCapabilities = 47;
}
