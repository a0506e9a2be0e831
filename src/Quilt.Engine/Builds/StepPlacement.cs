using Quilt.Core;
using Quilt.Network;

namespace Quilt.Engine;

/// <summary>Whose the containers of a build are, and within what limits they are.</summary>
/// <param name="Build">The build's id.</param>
/// <param name="Limits">Of each step.</param>
/// <param name="Egress">Where steps may go outside.</param>
/// <param name="Reserve">Holds the place of a container while it is made; throws where a limit is reached.</param>
public sealed record StepPlacement(
    string Build, ContainerOwner Owner, string Group, ContainerLimits Limits, IReadOnlyList<NetworkEgress> Egress, Func<ContainerId, ContainerLimits, IDisposable> Reserve);
