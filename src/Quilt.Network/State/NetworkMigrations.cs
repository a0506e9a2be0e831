namespace Quilt.Network;

/// <summary>How the wiring's tables came to be as they are. A step that was ever released is never changed.</summary>
internal static class NetworkMigrations
{
    internal const string Part = "network";

    /// <summary>See <see cref="Storage.Database.Migrate"/>.</summary>
    internal static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE endpoint (
            container TEXT PRIMARY KEY,
            number    INTEGER NOT NULL UNIQUE -- in the address pool
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE pool (
            id    INTEGER PRIMARY KEY CHECK (id = 0),
            range TEXT NOT NULL -- what the numbers are of
        ) STRICT;
        CREATE TABLE port (
            host_address TEXT NOT NULL,
            host_port    INTEGER NOT NULL,
            container    TEXT NOT NULL,
            port         INTEGER NOT NULL, -- the container's
            owner        TEXT NOT NULL,    -- an agent's id; empty: the operator
            created_at   INTEGER NOT NULL, -- ticks, UTC
            PRIMARY KEY (host_address, host_port)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE edge (
            id         TEXT PRIMARY KEY,
            source     TEXT NOT NULL,    -- a container's id
            target     TEXT NOT NULL,    -- see EdgeTarget.Text
            port       INTEGER NOT NULL,
            protocol   INTEGER NOT NULL, -- IANA's number
            alias      TEXT,
            owner      TEXT NOT NULL,    -- an agent's id; empty: the operator
            created_at INTEGER NOT NULL, -- ticks, UTC
            expires_at INTEGER,
            UNIQUE (source, target, port, protocol)
        ) STRICT, WITHOUT ROWID;
        """,

        // A number is one port for TCP and another for UDP.
        """
        ALTER TABLE port RENAME TO port_before;
        CREATE TABLE port (
            host_address TEXT NOT NULL,
            host_port    INTEGER NOT NULL,
            protocol     INTEGER NOT NULL, -- IANA's number
            container    TEXT NOT NULL,
            port         INTEGER NOT NULL, -- the container's
            owner        TEXT NOT NULL,    -- an agent's id; empty: the operator
            created_at   INTEGER NOT NULL, -- ticks, UTC
            PRIMARY KEY (host_address, host_port, protocol)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO port (host_address, host_port, protocol, container, port, owner, created_at)
            SELECT host_address, host_port, 6, container, port, owner, created_at FROM port_before;
        DROP TABLE port_before;
        """,
        """
        CREATE TABLE network (
            id         TEXT PRIMARY KEY,
            name       TEXT NOT NULL,
            policy     INTEGER NOT NULL, -- see NetworkPolicy
            subnet     TEXT NOT NULL,
            subnet6    TEXT NOT NULL,
            egress     TEXT NOT NULL,    -- see NetworkEgress.Text, with spaces between
            owner      TEXT NOT NULL,    -- an agent's id; empty: the operator
            lives_with TEXT NOT NULL,    -- a session's or a task's id; empty: none
            created_at INTEGER NOT NULL, -- ticks, UTC
            UNIQUE (owner, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE member (
            network   TEXT NOT NULL,
            container TEXT NOT NULL,
            number    INTEGER NOT NULL, -- in the network's subnets
            aliases   TEXT NOT NULL,    -- with spaces between
            PRIMARY KEY (network, container),
            UNIQUE (network, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE exposed (
            container TEXT NOT NULL,
            port      INTEGER NOT NULL,
            protocol  INTEGER NOT NULL, -- IANA's number
            name      TEXT,
            PRIMARY KEY (container, port, protocol)
        ) STRICT, WITHOUT ROWID;
        """,
    ];
}
