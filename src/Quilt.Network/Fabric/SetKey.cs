namespace Quilt.Network;

/// <summary>Elements of the sets of quilt.nft, as the kernel compares them: each field of a concatenation is padded to four bytes.</summary>
internal static class SetKey
{
    internal static byte[] Of(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, byte protocol, ushort port) => [.. from, .. to, protocol, 0, 0, 0, .. Padded(port)];

    internal static byte[] Of(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, ushort port) => [.. from, .. to, .. Padded(port)];

    private static ReadOnlySpan<byte> Padded(ushort port) => (byte[])[(byte)(port >> 8), (byte)port, 0, 0];
}
