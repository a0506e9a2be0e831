using Quilt.Core;

namespace Quilt.Network;

/// <summary>What was decided on something that a container wanted of the outside.</summary>
/// <param name="Wanted">A name, or an address with its port.</param>
/// <param name="Rule">The edge that allows it, by its id; or why nothing does.</param>
public readonly record struct EgressDecision(ContainerId Container, string Wanted, bool Allowed, string Rule);
