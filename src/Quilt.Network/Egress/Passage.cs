using System.Net;

namespace Quilt.Network;

/// <summary>What a container's connection to the outside may become.</summary>
/// <param name="Edge">The edge that allows it, by its id.</param>
/// <param name="To">Where to; the first that answers.</param>
internal sealed record Passage(string Edge, IReadOnlyList<IPEndPoint> To);
