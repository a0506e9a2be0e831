namespace Quilt.Network;

/// <summary>A container's place in a network: an address beside its own, from which it speaks to the other members.</summary>
internal readonly record struct Attachment(Endpoint Endpoint, AddressRange Members);
