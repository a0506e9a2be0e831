using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>A folder of the host's in memory, which shims have to see: for what is to be on no disk.</summary>
internal static class MemoryFolder
{
    internal const string Usual = "/dev/shm";

    /// <summary>Null where the host has none.</summary>
    internal static string? TryFind(string runDir) => ((string[])[runDir, Usual]).FirstOrDefault(IsInMemory);

    private static bool IsInMemory(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return false;
        }

        using FileDescriptor opened = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory);
        return Sys.FilesystemMagic(opened) == Sys.TmpfsMagic;
    }
}
