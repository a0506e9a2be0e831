using System.Net;
using System.Net.NetworkInformation;

namespace Quilt.Network;

/// <summary>A container's place in the fabric.</summary>
/// <param name="Number">Its number in the pool.</param>
/// <param name="Hardware">Its link's.</param>
public sealed record Endpoint(uint Number, IPAddress Address, IPAddress Address6, PhysicalAddress Hardware);
