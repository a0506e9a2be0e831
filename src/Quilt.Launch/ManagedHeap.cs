using System.Globalization;
using System.Runtime.CompilerServices;
using Quilt.Linux;

namespace Quilt.Launch;

/// <summary>
/// The garbage collector's memory, which no child needs: copying its page tables is a good part of a clone, and a PID 1 that
/// stays would keep a copy of all that the launcher knew. For a process that lives long; one launch does not repay the look.
/// </summary>
public static unsafe class ManagedHeap
{
    // Collector regions are of this size and aligned to it.
    private const nint Region = 4 << 20;

    /// <summary>Keeps all that the collector has reserved out of all later children, also what it has yet to use.</summary>
    public static void KeepFromChildren()
    {
        object any = new();
        nint start = *(nint*)Unsafe.AsPointer(ref any) & -Region, end = start;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            // "START-END PERM OFFSET DEVICE INODE  PATH": one reservation, cut into pieces by what of it is in use.
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] range = fields[0].Split('-');
            if (fields.Length == 5 && Parse(range[0]) <= end && Parse(range[1]) > end)
            {
                end = Parse(range[1]);
            }
        }

        Sys.KeepFromChildren(start, end - start);
        GC.KeepAlive(any);
    }

    /// <summary>Collects what is garbage and gives the memory back to the system.</summary>
    public static void Trim() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private static nint Parse(string hex) => nint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
