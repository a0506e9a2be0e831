namespace Quilt.Client;

/// <summary>What the probes of a running container's health have found.</summary>
public enum ContainerHealth
{
    /// <summary>None has decided yet.</summary>
    Starting,
    Healthy,
    Unhealthy,
}
