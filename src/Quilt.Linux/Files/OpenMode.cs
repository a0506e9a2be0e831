using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>open(2) flags, with x86-64's numbers.</summary>
[Flags]
public enum OpenMode
{
    ReadOnly = 0,
    WriteOnly = 1,
    ReadWrite = 2,
    Create = 0x40,
    Exclusive = 0x80,
    NoControllingTerminal = 0x100,
    Truncate = 0x200,
    Append = 0x400,
    NonBlocking = 0x800,

    /// <summary>ENOTDIR for anything but a folder.</summary>
    Directory = 0x10000,

    /// <summary>ELOOP where the last name is a symbolic link.</summary>
    NoFollow = 0x20000,
    CloseOnExec = 0x80000,
    Path = 0x200000,

    /// <summary>A file without a name in the folder that is opened (O_TMPFILE, which includes O_DIRECTORY). EOPNOTSUPP, or EISDIR, where the file system has none.</summary>
    Unnamed = 0x400000 | Directory,
}

internal static class OpenModes
{
    private const int ArmDirectory = 0x4000, ArmNoFollow = 0x8000;

    /// <summary>The numbers of this machine: arm64 has two of them elsewhere (asm/fcntl.h).</summary>
    internal static int ToKernel(this OpenMode mode) =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? ToArm(mode) : (int)mode;

    internal static int ToArm(OpenMode mode) =>
        (int)(mode & ~(OpenMode.Directory | OpenMode.NoFollow))
        | (mode.HasFlag(OpenMode.Directory) ? ArmDirectory : 0)
        | (mode.HasFlag(OpenMode.NoFollow) ? ArmNoFollow : 0);
}
