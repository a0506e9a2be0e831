using Quilt.Core;

namespace Quilt.Network;

/// <summary>A container's place in a network.</summary>
/// <param name="Network">Its id.</param>
/// <param name="Number">Of its address in the network's subnets.</param>
/// <param name="Aliases">Other names of it for the members.</param>
public sealed record Membership(string Network, ContainerId Container, uint Number, IReadOnlyList<string> Aliases);
