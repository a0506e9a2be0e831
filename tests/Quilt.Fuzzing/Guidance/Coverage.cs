using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Quilt.Fuzzing.Guidance;

/// <summary>
/// The edges between places of instrumented code that inputs have reached: a counter each, in the map that SharpFuzz's instrumentation writes
/// to, as that of AFL does. The map is of the whole process, so one property at a time is looked at.
/// </summary>
internal sealed class Coverage
{
    /// <summary>In bytes; the number that instrumentation gives to a place has 16 bits.</summary>
    private const int MapSize = 1 << 16;

    /// <summary>Of each edge, a bit for every magnitude of how often one input took it.</summary>
    private readonly byte[] _seen = new byte[MapSize];

    /// <summary>Of each edge, how long the shortest input was that took it and was worth keeping.</summary>
    private readonly int[] _shortest = new int[MapSize];

    /// <summary>How many edges were ever taken.</summary>
    internal int Edges { get; private set; }

    private static unsafe Span<byte> Map => new(Trace.SharedMem, MapSize);

    /// <summary>Gives instrumented code its map.</summary>
    internal static unsafe void Attach()
    {
        if (Trace.SharedMem == null)
        {
            Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(MapSize);
        }
    }

    /// <summary>What is taken from now on is the next input's.</summary>
    internal static void Clear()
    {
        Map.Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>As instrumented code does, at a place.</summary>
    internal static void Take(int edge) => Map[edge]++;

    /// <summary>
    /// Adds what an input took since <see cref="Clear"/>; whether it is worth keeping, for an edge that none took before, or none so often, or
    /// none of half its length: what is reached first is long as a rule, and a change of what is long seldom is where it matters.
    /// </summary>
    /// <param name="length">The input's.</param>
    internal bool Add(int length)
    {
        bool isWorthIt = false;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(Map);
        for (int word = 0; word < words.Length; word++)
        {
            if (words[word] == 0)
            {
                continue;
            }

            for (int edge = word * sizeof(ulong); edge < (word + 1) * sizeof(ulong); edge++)
            {
                if (Map[edge] is > 0 and byte times && ((_seen[edge] & Magnitude(times)) == 0 || (length < _shortest[edge] && length * 2 <= _shortest[edge])))
                {
                    Edges += _seen[edge] == 0 ? 1 : 0;
                    _shortest[edge] = _seen[edge] == 0 ? length : Math.Min(length, _shortest[edge]);
                    _seen[edge] |= Magnitude(times);
                    isWorthIt = true;
                }
            }
        }

        return isWorthIt;
    }

    /// <summary>1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, or more: a loop that goes round once more is nothing new.</summary>
    private static byte Magnitude(byte times) => times switch
    {
        <= 2 => times,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
