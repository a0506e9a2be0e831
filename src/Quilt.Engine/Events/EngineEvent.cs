namespace Quilt.Engine;

/// <summary>Something that has happened.</summary>
/// <param name="Cursor">Later ones have larger ones.</param>
/// <param name="Type">See <see cref="EventTypes"/>.</param>
/// <param name="Container">Its id; empty where it is about none.</param>
/// <param name="Agent">Whom it concerns, by its id; empty is the operator.</param>
public sealed record EngineEvent(
    long Cursor, DateTimeOffset Time, string Type, string Container, string Name, string Agent, IReadOnlyDictionary<string, string> Attributes);

/// <summary>What can happen.</summary>
public static class EventTypes
{
    public const string
        Created = "container.created", Started = "container.started", Exited = "container.exited", OutOfMemory = "container.oom",
        Paused = "container.paused", Unpaused = "container.unpaused", Removed = "container.removed", Expired = "container.expired",
        LimitsChanged = "container.limits_changed", LimitReached = "container.limit_reached",
        HealthChanged = "container.health", DaemonStarted = "daemon.started", Extended = "container.extended", OwnerChanged = "container.owner_changed",
        AgentCreated = "agent.created", AgentRemoved = "agent.removed",
        SessionBegan = "session.began", SessionEnding = "session.ending", SessionEnded = "session.ended",
        TaskBegan = "task.began", TaskEnding = "task.ending", TaskEnded = "task.ended",
        ConnectionEstablished = "connection.established", ConnectionSevered = "connection.severed", WiringRepaired = "wiring.repaired",
        NetworkCreated = "network.created", NetworkRemoved = "network.removed", NetworkConnected = "network.connected", NetworkDisconnected = "network.disconnected",
        PortExposed = "port.exposed", PortUnexposed = "port.unexposed", PortBound = "port.bound", PortUnbound = "port.unbound", EgressAllowed = "egress.allowed", EgressDenied = "egress.denied",
        VolumeCreated = "volume.created", VolumeRemoved = "volume.removed", VolumeAttached = "volume.attached", VolumeDetached = "volume.detached",
        SnapshotCreated = "snapshot.created", SnapshotRemoved = "snapshot.removed", Restored = "container.restored",
        OrphanDetected = "orphan.detected", OrphanRemoved = "orphan.removed";

    public static IReadOnlyList<string> All { get; } =
    [
        Created, Started, Exited, OutOfMemory, Paused, Unpaused, Removed, Expired, LimitsChanged, LimitReached, HealthChanged, Extended, OwnerChanged, DaemonStarted, AgentCreated, AgentRemoved,
        SessionBegan, SessionEnding, SessionEnded, TaskBegan, TaskEnding, TaskEnded, ConnectionEstablished, ConnectionSevered, WiringRepaired,
        NetworkCreated, NetworkRemoved, NetworkConnected, NetworkDisconnected, PortExposed, PortUnexposed, PortBound, PortUnbound, EgressAllowed, EgressDenied, VolumeCreated, VolumeRemoved,
        VolumeAttached, VolumeDetached, SnapshotCreated, SnapshotRemoved, Restored, OrphanDetected, OrphanRemoved,
    ];
}
