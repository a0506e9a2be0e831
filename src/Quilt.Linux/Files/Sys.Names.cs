using System.Runtime.InteropServices;

namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>What is in a folder (getdents64(2)), in no order, without itself and the one above. Each is a <see cref="FileName"/>.</summary>
    /// <param name="folder">May be open by O_PATH.</param>
    public static IReadOnlyList<string> Names(FileDescriptor folder)
    {
        using FileDescriptor own = Open($"/proc/self/fd/{folder.Number}", OpenMode.ReadOnly | OpenMode.Directory);
        List<string> names = [];
        byte* buffer = stackalloc byte[FolderEntries.BufferSize];
        FolderEntries entries = new(own.Number, buffer);
        while (entries.MoveNext())
        {
            names.Add(FileName.FromBytes(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entries.Name)));
        }

        return entries.Failed ? throw SyscallException.Last("getdents64", null) : names;
    }
}
