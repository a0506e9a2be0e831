namespace Quilt.Engine;

/// <summary>How long a container is meant to live, as its owner declared.</summary>
public enum ContainerStrategy
{
    /// <summary>Until its command ends: then it is removed.</summary>
    Ephemeral,

    /// <summary>Until its task ends.</summary>
    Task,

    /// <summary>Until its session ends.</summary>
    Session,

    /// <summary>Until somebody removes it.</summary>
    Service,
}
