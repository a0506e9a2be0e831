namespace Quilt.Client;

/// <summary>Who cleans up a container.</summary>
public enum ContainerStrategy
{
    /// <summary>The end of its session.</summary>
    Session = 0,

    /// <summary>Its own end: it goes when its command has ended.</summary>
    Ephemeral,

    /// <summary>The end of its task.</summary>
    Task,

    /// <summary>Nobody but who removes it.</summary>
    Service,
}
