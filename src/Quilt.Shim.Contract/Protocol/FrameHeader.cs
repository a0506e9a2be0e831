using System.Buffers.Binary;

namespace Quilt.Shim.Contract;

/// <summary>The 8 bytes before each frame's payload; see <see cref="FrameKind"/>.</summary>
public readonly record struct FrameHeader(FrameKind Kind, int Length)
{
    public const int Size = 8;

    /// <summary>No payload is longer. A peer that says so is broken, and its connection is closed.</summary>
    public const int MaxPayload = 4 << 20;

    /// <summary>So many bytes of input a request carries at most, so that it fits a frame as base64.</summary>
    public const int MostInput = 2 << 20;

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, Length);
        target[4] = (byte)Kind;
        target[5..Size].Clear();
    }

    /// <returns>False where it cannot be a header.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out FrameHeader header)
    {
        header = new FrameHeader((FrameKind)source[4], BinaryPrimitives.ReadInt32LittleEndian(source));
        return header.Length is >= 0 and <= MaxPayload && (source[5] | source[6] | source[7]) == 0;
    }
}
