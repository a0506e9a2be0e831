using Quilt.Core;

namespace Quilt.Network;

/// <summary>What is to be in the kernel.</summary>
internal sealed record Declared
{
    /// <summary>Whose links may be there.</summary>
    internal required IReadOnlyDictionary<ContainerId, Endpoint> Endpoints { get; init; }

    /// <summary>Which networks each of them is in.</summary>
    internal required ILookup<ContainerId, Attachment> Attachments { get; init; }
    internal required IReadOnlyCollection<Flow> Flows { get; init; }

    /// <summary>See <see cref="Fabric.SetExits"/>.</summary>
    internal required IReadOnlyDictionary<ContainerId, HashSet<Exit>> Exits { get; init; }
    internal required IReadOnlyCollection<NetworkRule> Networks { get; init; }
}
