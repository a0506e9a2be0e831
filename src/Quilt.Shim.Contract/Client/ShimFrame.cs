namespace Quilt.Shim.Contract;

/// <summary>A frame that came. The payload holds until the next one is read.</summary>
public readonly record struct ShimFrame(FrameKind Kind, ReadOnlyMemory<byte> Payload);
