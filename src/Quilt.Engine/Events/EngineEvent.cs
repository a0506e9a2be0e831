namespace Quilt.Engine;

/// <summary>Something that has happened.</summary>
/// <param name="Cursor">Later ones have larger ones.</param>
/// <param name="Type">See <see cref="EventTypes"/>.</param>
/// <param name="Container">Its id; empty where it is about none.</param>
public sealed record EngineEvent(
    long Cursor, DateTimeOffset Time, string Type, string Container, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>What can happen.</summary>
public static class EventTypes
{
    public const string
        Created = "container.created", Started = "container.started", Exited = "container.exited", OutOfMemory = "container.oom",
        Paused = "container.paused", Unpaused = "container.unpaused", Removed = "container.removed", Expired = "container.expired",
        DaemonStarted = "daemon.started";

    public static IReadOnlyList<string> All { get; } = [Created, Started, Exited, OutOfMemory, Paused, Unpaused, Removed, Expired, DaemonStarted];
}
