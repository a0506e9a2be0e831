namespace Quilt.Engine;

/// <summary>How the database came to be as it is. A step that was ever released is never changed.</summary>
internal static class Migrations
{
    /// <summary>See <see cref="Storage.Database.Migrate"/>.</summary>
    internal static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE container (
            id      TEXT PRIMARY KEY,
            agent   TEXT NOT NULL,    -- its owner's id; empty: the operator
            name    TEXT NOT NULL,
            host_id INTEGER NOT NULL UNIQUE,
            record  TEXT NOT NULL,
            UNIQUE (agent, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE event (
            cursor     INTEGER PRIMARY KEY, -- never used twice: the newest row is never deleted
            time       INTEGER NOT NULL, -- ticks, UTC
            type       TEXT NOT NULL,
            container  TEXT NOT NULL,
            name       TEXT NOT NULL,
            agent      TEXT NOT NULL,
            attributes TEXT NOT NULL     -- a JSON object of texts
        ) STRICT;
        CREATE INDEX event_agent ON event (agent, cursor);
        CREATE INDEX event_container ON event (container, cursor);
        CREATE TABLE setting (
            name  TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT;
        """,
        """
        CREATE TABLE volume (
            id     TEXT PRIMARY KEY,
            agent  TEXT NOT NULL,    -- its owner's id; empty: the operator
            name   TEXT NOT NULL,
            record TEXT NOT NULL,
            UNIQUE (agent, name)
        ) STRICT, WITHOUT ROWID;
        """,
        """
        CREATE TABLE snapshot (
            id     TEXT PRIMARY KEY,
            agent  TEXT NOT NULL,    -- its owner's id; empty: the operator
            name   TEXT,             -- null: it goes with the last that stands on it
            record TEXT NOT NULL,
            UNIQUE (agent, name)
        ) STRICT, WITHOUT ROWID;
        """,
    ];
}
