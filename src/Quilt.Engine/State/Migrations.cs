namespace Quilt.Engine;

/// <summary>How the database came to be as it is. A step that was ever released is never changed.</summary>
internal static class Migrations
{
    /// <summary>Step N brings a database of version N to N + 1 (PRAGMA user_version).</summary>
    internal static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE container (
            id      TEXT PRIMARY KEY,
            name    TEXT NOT NULL UNIQUE,
            host_id INTEGER NOT NULL UNIQUE,
            record  TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE event (
            cursor     INTEGER PRIMARY KEY, -- never used twice: the newest row is never deleted
            time       INTEGER NOT NULL, -- ticks, UTC
            type       TEXT NOT NULL,
            container  TEXT NOT NULL,
            name       TEXT NOT NULL,
            attributes TEXT NOT NULL     -- a JSON object of texts
        ) STRICT;
        CREATE INDEX event_container ON event (container, cursor);
        CREATE TABLE setting (
            name  TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT;
        """,
    ];
}
