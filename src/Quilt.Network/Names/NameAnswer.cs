using System.Net;

namespace Quilt.Network;

/// <summary>What a name is to whoever asks.</summary>
/// <param name="Address6">Null where there is no IPv6.</param>
internal sealed record NameAnswer(IPAddress Address, IPAddress? Address6);
