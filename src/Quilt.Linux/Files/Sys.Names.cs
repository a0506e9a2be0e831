using System.Runtime.InteropServices;

namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>What is in a folder (getdents64(2)), in no order, without itself and the one above. Each is a <see cref="FileName"/>.</summary>
    /// <param name="folder">May be open by O_PATH.</param>
    public static IReadOnlyList<string> Names(FileDescriptor folder) => [.. EachName(folder)];

    /// <summary>As <see cref="Names"/>, and only some of them are in memory at once: a container may have made any number.</summary>
    public static IEnumerable<string> EachName(FileDescriptor folder)
    {
        using FileDescriptor own = Open($"/proc/self/fd/{folder.Number}", OpenMode.ReadOnly | OpenMode.Directory);
        while (NextNames(own) is { Count: > 0 } names)
        {
            foreach (string name in names)
            {
                yield return name;
            }
        }
    }

    /// <summary>Those of one read; none at the end.</summary>
    private static List<string> NextNames(FileDescriptor folder)
    {
        List<string> names = [];
        byte* buffer = stackalloc byte[FolderEntries.BufferSize];
        FolderEntries entries = new(folder.Number, buffer);
        while (entries.MoveNext())
        {
            names.Add(FileName.FromBytes(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entries.Name)));
            if (entries.IsReadOut)
            {
                break;
            }
        }

        return entries.Failed ? throw SyscallException.Last("getdents64", null) : names;
    }
}
