using Microsoft.Data.Sqlite;
using Quilt.Core;

namespace Quilt.Storage;

/// <summary>A database of the daemon's: SQLite with a write-ahead log, and one writer at a time.</summary>
/// <remarks>
/// A commit is safe from a crash of ours when it returns, and not from one of the host (synchronous=NORMAL): no container
/// outlives that, and what their folders and exit files tell is reconciled at the next start.
/// </remarks>
public sealed class Database : IDisposable
{
    private const int Busy = 5, NoMemory = 7, Failed = 10, Full = 13, CannotOpen = 14; // SQLITE_BUSY, NOMEM, IOERR, FULL and CANTOPEN

    // So much that is free is given back, and looked for after so many writes: what is less is soon used again.
    private const int MuchFree = 1024, WritesBetween = 64, PagesAtOnce = 128;
    private readonly Lock _writing = new();
    private readonly SqliteConnection _writer;
    private readonly string _connectionString;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private int _writes;

    private Database(string path)
    {
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 10 }.ToString();

        // One that has a table stays as it was made, and keeps its free pages; to ask for it all the same is to write, for which a full disk has no room.
        bool isNew = new FileInfo(path) is not { Exists: true, Length: > 0 };
        _writer = OpenConnection(isNew ? "PRAGMA auto_vacuum=INCREMENTAL; " : "");
    }

    /// <exception cref="QuiltException">A newer Quilt has written it.</exception>
    public static Database Open(string path)
    {
        Database database = new(path);
        try
        {
            database.Write(writer => writer.Run("CREATE TABLE IF NOT EXISTS migration (part TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT"));
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Brings one part's tables up to date.</summary>
    /// <param name="part">Whose tables they are.</param>
    /// <param name="steps">Step N brings them from version N to N + 1. One that was ever released is never changed.</param>
    /// <exception cref="QuiltException">FailedPrecondition: a newer Quilt has written them.</exception>
    public void Migrate(string part, IReadOnlyList<string> steps)
    {
        int version = Read("SELECT version FROM migration WHERE part = $part", row => row.GetInt32(0), ("$part", part)).FirstOrDefault();
        if (version > steps.Count)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"the state folder is of a newer Quilt (version {version} of '{part}'; this one knows {steps.Count})",
                "run the newer quiltd, or give another --state-dir");
        }

        for (int step = version; step < steps.Count; step++)
        {
            int reached = step + 1;
            Write(writer =>
            {
                writer.Run(steps[reached - 1]);
                writer.Run(
                    "INSERT INTO migration (part, version) VALUES ($part, $version) ON CONFLICT (part) DO UPDATE SET version = excluded.version",
                    ("$part", part), ("$version", reached));
            });
        }
    }

    /// <summary>All of it or nothing, in one transaction.</summary>
    /// <exception cref="QuiltException">ResourceExhausted, Unavailable: it cannot be written now (<see cref="CannotBeWritten"/>), and nothing has changed.</exception>
    public void Write(Action<Writer> write)
    {
        lock (_writing)
        {
            try
            {
                using SqliteTransaction transaction = _writer.BeginTransaction(deferred: false);
                write(new Writer(this, transaction));
                transaction.Commit();
            }
            catch (SqliteException e) when (Shortage(e) is { } shortage)
            {
                throw shortage;
            }

            if (++_writes % WritesBetween == 0)
            {
                GiveBack();
            }
        }
    }

    /// <summary>Makes the file smaller by some of what is free in it, such as after many old events have gone.</summary>
    private void GiveBack()
    {
        try
        {
            using SqliteCommand command = _writer.CreateCommand();
            command.CommandText = "PRAGMA freelist_count";
            if ((long)command.ExecuteScalar()! > MuchFree)
            {
                command.CommandText = $"PRAGMA incremental_vacuum({PagesAtOnce})";
                using SqliteDataReader each = command.ExecuteReader();
                while (each.Read())
                {
                    // A row is a page.
                }
            }
        }
        catch (SqliteException)
        {
            // Such as on a full disk: another time.
        }
    }

    /// <summary>As <see cref="Write"/>, of what may also be lost.</summary>
    /// <returns>False: the disk is full, or the database is held, and nothing has changed.</returns>
    public bool TryWrite(Action<Writer> write)
    {
        try
        {
            Write(write);
            return true;
        }
        catch (QuiltException e) when (CannotBeWritten(e))
        {
            return false;
        }
    }

    /// <summary>It was open before: what it cannot do any more, it lacks something for.</summary>
    private static QuiltException? Shortage(SqliteException e) => e.SqliteErrorCode switch
    {
        Full => DiskFull(e),
        CannotOpen => new QuiltException(ErrorCode.ResourceExhausted, "Quilt's database cannot be opened once more: files that may be open, or space, are lacking", "try again later; raise quiltd's RLIMIT_NOFILE, or free some space", inner: e),
        NoMemory => new QuiltException(ErrorCode.ResourceExhausted, "Quilt's database has no memory", "try again later, or give quiltd more memory", inner: e),
        Busy => new QuiltException(ErrorCode.Unavailable, "another program holds Quilt's database", "end it, such as a sqlite3 in a transaction, and try again", inner: e),
        Failed => new QuiltException(ErrorCode.Unavailable, $"the disk with Quilt's database fails: {e.Message}", "look at the host's disk (dmesg), and try again", inner: e),
        _ => null,
    };

    /// <summary>Whether a failure of <see cref="Write"/> is of the host's, and later it may succeed.</summary>
    public static bool CannotBeWritten(QuiltException failure) => failure.Code is ErrorCode.ResourceExhausted or ErrorCode.Unavailable;

    public static QuiltException DiskFull(Exception inner) =>
        new(ErrorCode.ResourceExhausted, "the disk that holds Quilt's state is full", "free some space on it", null, inner);

    /// <summary>Reads what is committed; writers go on meanwhile.</summary>
    /// <exception cref="QuiltException">ResourceExhausted, Unavailable.</exception>
    public List<T> Read<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        try
        {
            return ReadRows(sql, row, parameters);
        }
        catch (SqliteException e) when (Shortage(e) is { } shortage)
        {
            throw shortage;
        }
    }

    private List<T> ReadRows<T>(string sql, Func<SqliteDataReader, T> row, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteConnection connection = OpenConnection();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object? value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        List<T> rows = [];
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
        {
            command.Dispose();
        }

        _writer.Dispose();
    }

    /// <param name="first">What has to be said before anything is written.</param>
    private SqliteConnection OpenConnection(string first = "")
    {
        SqliteConnection connection = new(_connectionString);
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = first + "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=8388608;";
        command.ExecuteNonQuery();
        return connection;
    }

    /// <summary>Writes within one transaction. Each statement is prepared once for all time.</summary>
    public readonly struct Writer
    {
        private readonly Database _database;
        private readonly SqliteTransaction _transaction;

        internal Writer(Database database, SqliteTransaction transaction) => (_database, _transaction) = (database, transaction);

        public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            if (!_database._commands.TryGetValue(sql, out SqliteCommand? command))
            {
                command = _database._writer.CreateCommand();
                command.CommandText = sql;
                if (parameters.Length > 0)
                {
                    _database._commands.Add(sql, command);
                }
            }

            command.Transaction = _transaction;
            for (int i = 0; i < parameters.Length; i++)
            {
                if (command.Parameters.Count <= i)
                {
                    command.Parameters.AddWithValue(parameters[i].Name, parameters[i].Value ?? DBNull.Value);
                }
                else
                {
                    command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
                }
            }

            return command.ExecuteNonQuery();
        }
    }
}
