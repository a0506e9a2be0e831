using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using Quilt.Linux;

namespace Quilt.Launch;

/// <summary>
/// What of this process's memory no child needs. Copying its page tables, and taking the copy down again at the child's execve,
/// is the larger part of a clone; and a PID 1 that stays would keep a copy of all that the launcher knew. A child runs code,
/// and reads what was written for it in native memory: see <see cref="Child.ContainerProcess"/>. For a process that lives
/// long; one launch does not repay the look.
/// </summary>
public static unsafe class OwnMemory
{
    // Collector regions are of this size and aligned to it.
    private const nint Region = 4 << 20;

    /// <summary>A piece of the program's data that is shorter is not worth a mapping of its own.</summary>
    private const int LeastPages = 8;

    // What is written to later stays where no child looks.
    private static bool s_dataIsKept;

    /// <summary>
    /// Collects what is garbage, gives the memory back to the system, and keeps the collector's, and the data of the program that
    /// nobody has written to, out of the children to come: until the next collection of this kind, after which it is to be done again.
    /// </summary>
    public static void Settle()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        List<MemoryMapping> mappings = [.. File.ReadLines("/proc/self/maps").Select(MemoryMapping.Parse)];
        KeepHeap(mappings);
        if (!s_dataIsKept)
        {
            KeepUnwrittenData(mappings);
            s_dataIsKept = true;
        }
    }

    /// <summary>
    /// All that the collector has reserved, also what it has yet to use: one reservation, which lies in pieces by what of it is in use.
    /// What lies right beside it goes with it, other threads' stacks and the C library's second arenas: only the main thread may clone.
    /// </summary>
    private static void KeepHeap(List<MemoryMapping> mappings)
    {
        object any = new();
        nint inside = *(nint*)Unsafe.AsPointer(ref any) & -Region;
        int first = mappings.FindIndex(m => m.End > inside), last = first;
        while (first > 0 && mappings[first - 1].Path is null && mappings[first - 1].End == mappings[first].Start)
        {
            first--;
        }

        while (last + 1 < mappings.Count && mappings[last + 1].Path is null && mappings[last].End == mappings[last + 1].Start)
        {
            last++;
        }

        Sys.KeepFromChildren(mappings[first].Start, mappings[last].End - mappings[first].Start);
        GC.KeepAlive(any);
    }

    /// <summary>The descriptions of the program's types and its constant objects, which lie among what is written to.</summary>
    private static void KeepUnwrittenData(List<MemoryMapping> mappings)
    {
        using FileStream pages = File.OpenRead("/proc/self/pagemap");
        foreach (MemoryMapping data in mappings.Where(m => m.IsWritable && m.Path == Environment.ProcessPath))
        {
            nint start = data.Start;
            for (nint page = start; page <= data.End; page += Environment.SystemPageSize)
            {
                if (page < data.End && !IsWritten(pages, page))
                {
                    continue;
                }

                if (page - start >= LeastPages * Environment.SystemPageSize)
                {
                    Sys.KeepFromChildren(start, page - start);
                }

                start = page + Environment.SystemPageSize;
            }
        }
    }

    /// <summary>Whether a page of a private mapping of a file is our own copy by now.</summary>
    /// <seealso href="https://docs.kernel.org/admin-guide/mm/pagemap.html"/>
    private static bool IsWritten(FileStream pagemap, nint page)
    {
        const ulong present = 1UL << 63, swapped = 1UL << 62, ofFile = 1UL << 61;
        Span<byte> entry = stackalloc byte[sizeof(ulong)];
        pagemap.Position = page / Environment.SystemPageSize * sizeof(ulong);
        pagemap.ReadExactly(entry);
        ulong flags = BinaryPrimitives.ReadUInt64LittleEndian(entry);
        return (flags & swapped) != 0 || ((flags & present) != 0 && (flags & ofFile) == 0);
    }

    /// <summary>A line of /proc/self/maps (proc_pid_maps(5)).</summary>
    private sealed record MemoryMapping(nint Start, nint End, bool IsWritable, string? Path)
    {
        internal static MemoryMapping Parse(string line)
        {
            // "START-END PERM OFFSET DEVICE INODE  PATH"
            string[] fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            string[] range = fields[0].Split('-');
            return new MemoryMapping(Address(range[0]), Address(range[1]), fields[1][1] == 'w', fields.Length == 6 ? fields[5].Trim() : null);
        }

        private static nint Address(string hex) => nint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
