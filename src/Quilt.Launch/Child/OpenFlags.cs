namespace Quilt.Launch.Child;

/// <summary>open(2) and openat2(2) flags as the child needs them. O_DIRECTORY and O_NOFOLLOW differ between architectures.</summary>
internal static class OpenFlags
{
    private static bool X64 => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64;

    internal const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2;
    internal const int Create = 0x40, Exclusive = 0x80, NoControllingTerminal = 0x100, NonBlocking = 0x800;
    internal const int Path = 0x200000, CloseOnExec = 0x80000;
    internal static int Directory => X64 ? 0x10000 : 0x4000;
    internal static int NoFollow => X64 ? 0x20000 : 0x8000;

    internal const ulong ResolveNoCrossing = 0x01, ResolveNoMagicLinks = 0x02, ResolveNoSymlinks = 0x04, ResolveBeneath = 0x08, ResolveInRoot = 0x10;
}
