namespace Quilt.Aria;

/// <summary>The agents' tables, beside the engine's.</summary>
internal static class AriaMigrations
{
    internal const string Part = "aria";

    /// <summary>See <see cref="Storage.Database.Migrate"/>.</summary>
    internal static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE agent (
            id         TEXT PRIMARY KEY,
            parent     TEXT NOT NULL,    -- empty: the operator
            name       TEXT NOT NULL,
            config     TEXT NOT NULL,    -- JSON
            created_at INTEGER NOT NULL, -- ticks, UTC
            removing   INTEGER NOT NULL, -- 1: being removed, and nobody's any more
            UNIQUE (parent, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE token (
            id         TEXT PRIMARY KEY,
            hash       BLOB NOT NULL UNIQUE, -- SHA-256 of the token
            agent      TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            revoked    INTEGER NOT NULL,
            used_at    INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE lifespan (
            id     TEXT PRIMARY KEY,
            agent  TEXT NOT NULL,
            record TEXT NOT NULL         -- JSON: a session or a task
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE idempotency (
            agent   TEXT NOT NULL,
            key     TEXT NOT NULL,
            tool    TEXT NOT NULL,
            hash    TEXT NOT NULL,       -- of the arguments
            time    INTEGER NOT NULL,
            outcome TEXT,                -- NULL: it was begun
            PRIMARY KEY (agent, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE audit (
            cursor      INTEGER PRIMARY KEY,
            time        INTEGER NOT NULL,
            agent       TEXT NOT NULL,
            agent_path  TEXT NOT NULL,
            session     TEXT NOT NULL,
            face        TEXT NOT NULL,
            tool        TEXT NOT NULL,
            arguments   TEXT NOT NULL,   -- JSON, without secrets
            outcome     TEXT NOT NULL,   -- allowed | denied | failed
            code        TEXT NOT NULL,
            rule        TEXT NOT NULL,
            duration_us INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX audit_agent ON audit (agent, cursor);
        CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
            WHEN OLD.cursor > coalesce((SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'audit_trimmed_to'), 0)
            BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        """,
        """
        ALTER TABLE idempotency ADD COLUMN too_long INTEGER NOT NULL DEFAULT 0; -- 1: it was done, and its outcome is too long to be kept
        """,
        """
        CREATE INDEX audit_nobody ON audit (cursor) WHERE agent_path = '(nobody)';
        DROP TRIGGER audit_is_kept;
        CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
            WHEN OLD.cursor > coalesce((SELECT CAST(value AS INTEGER) FROM setting
                WHERE name = CASE OLD.agent_path WHEN '(nobody)' THEN 'audit_nobody_trimmed_to' ELSE 'audit_trimmed_to' END), 0)
            BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        """,
        """
        DELETE FROM token WHERE agent = ''; -- the operator's, of dashboards' links, which are in memory alone now
        """,
        """
        ALTER TABLE audit ADD COLUMN watching INTEGER NOT NULL DEFAULT 0; -- 1: the operator, or whoever is at a dashboard, only looked
        CREATE INDEX audit_watching ON audit (cursor) WHERE watching = 1;
        DROP TRIGGER audit_is_kept;
        CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
            WHEN OLD.cursor > coalesce((SELECT CAST(value AS INTEGER) FROM setting
                WHERE name = CASE WHEN OLD.agent_path = '(nobody)' THEN 'audit_nobody_trimmed_to' WHEN OLD.watching = 1 THEN 'audit_watching_trimmed_to' ELSE 'audit_trimmed_to' END), 0)
            BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        """,
    ];
}
