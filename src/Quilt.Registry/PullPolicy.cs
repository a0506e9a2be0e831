namespace Quilt.Registry;

/// <summary>When a registry is asked for an image.</summary>
public enum PullPolicy
{
    /// <summary>Where the store does not have it.</summary>
    Missing,

    /// <summary>Each time; what is here already is not transferred again.</summary>
    Always,

    /// <summary>Each time; where the registry cannot be reached, what the store has will do.</summary>
    Newer,
}
