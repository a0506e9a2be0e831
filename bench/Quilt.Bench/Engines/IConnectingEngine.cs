using System.Net;

namespace Quilt.Bench.Engines;

/// <summary>An engine whose containers can reach each other.</summary>
internal interface IConnectingEngine : IContainerEngine
{
    /// <summary>Creates and starts a container that sleeps and reaches another one's port; what the side needs for that is part of it.</summary>
    /// <param name="to">Null: it is one that others reach.</param>
    Task StartConnectedAsync(string name, string? to, int port, CancellationToken cancel);

    /// <summary>Where a running container is found: its first process, and its address once it is connected.</summary>
    Task<Place> FindAsync(string name, CancellationToken cancel);
}

/// <param name="Pid">As the host sees it.</param>
internal sealed record Place(int Pid, IPAddress Address);
