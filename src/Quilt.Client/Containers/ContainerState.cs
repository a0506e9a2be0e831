namespace Quilt.Client;

/// <summary>Where a container is in its life.</summary>
public enum ContainerState
{
    Unknown = 0,
    Creating,
    Created,
    Starting,
    Running,
    Paused,
    Stopping,
    Exited,
    Removing,
}
