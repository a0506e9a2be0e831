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
    // Collector regions are of this size and aligned to it; what lies beyond an object in its region is the collector's too.
    private const nint Region = 4 << 20;

    /// <summary>Collects what is garbage, gives the memory back to the system, and keeps the regions in use out of all later children.</summary>
    public static void Trim()
    {
        object old = new();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        object young = new();
        Withhold(AddressOf(old), AddressOf(young));
        GC.KeepAlive(old);
    }

    private static void Withhold(params ReadOnlySpan<nint> addresses)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            int dash = line.IndexOf('-', StringComparison.Ordinal), space = line.IndexOf(' ', StringComparison.Ordinal);
            nint start = Parse(line.AsSpan(0, dash)), end = Parse(line.AsSpan(dash + 1, space - dash - 1));
            foreach (nint address in addresses)
            {
                if (start <= address && address < end)
                {
                    nint from = Math.Max(start, address & -Region);
                    Sys.KeepFromChildren(from, (address | (Region - 1)) + 1 - from);
                }
            }
        }
    }

    private static nint AddressOf(object any) => *(nint*)Unsafe.AsPointer(ref any);

    private static nint Parse(ReadOnlySpan<char> hex) => nint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
