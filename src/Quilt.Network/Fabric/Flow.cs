namespace Quilt.Network;

/// <summary>Which flows an edge allows, as the kernel compares them: one element of a set for each family.</summary>
internal readonly record struct Flow(Endpoint From, Endpoint To, TransportProtocol Protocol, ushort Port)
{
    internal byte[] Key4 => SetKey.Of(From.Address.GetAddressBytes(), To.Address.GetAddressBytes(), (byte)Protocol, Port);
    internal byte[] Key6 => SetKey.Of(From.Address6.GetAddressBytes(), To.Address6.GetAddressBytes(), (byte)Protocol, Port);
}
