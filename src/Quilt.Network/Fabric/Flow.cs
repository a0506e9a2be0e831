using System.Buffers.Binary;

namespace Quilt.Network;

/// <summary>Which flows an edge allows, as the kernel compares them: one element of a set for each family.</summary>
internal readonly record struct Flow(Endpoint From, Endpoint To, TransportProtocol Protocol, ushort Port)
{
    internal byte[] Key4 => Key(From.Address.GetAddressBytes(), To.Address.GetAddressBytes(), (byte)Protocol, Port);
    internal byte[] Key6 => Key(From.Address6.GetAddressBytes(), To.Address6.GetAddressBytes(), (byte)Protocol, Port);

    /// <summary>Each field of a concatenation is padded to four bytes.</summary>
    internal static byte[] Key(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, byte protocol, ushort port)
    {
        Span<byte> padded = stackalloc byte[sizeof(uint)];
        padded.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(padded, port);
        return [.. from, .. to, protocol, 0, 0, 0, .. padded];
    }
}
