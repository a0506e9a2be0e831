namespace Quilt.Network;

/// <summary>A container's link, and whose addresses the rules let it send from.</summary>
/// <param name="Behind">Those that elements of <c>links4</c> and <c>links6</c> are there for.</param>
internal sealed record PluggedLink(NetworkLink Link, HashSet<Endpoint> Behind);
