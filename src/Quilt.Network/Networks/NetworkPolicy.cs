namespace Quilt.Network;

/// <summary>What members of a network may do to each other.</summary>
public enum NetworkPolicy
{
    /// <summary>Everything.</summary>
    Open,

    /// <summary>Reach the ports that a member exposes, and nothing else.</summary>
    Isolated,
}
