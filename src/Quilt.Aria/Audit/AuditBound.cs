using System.Globalization;
using Quilt.Core;
using Quilt.Storage;

namespace Quilt.Aria;

/// <summary>How many of the audit's rows are kept, of those of one kind. The oldest go, some at a time.</summary>
internal sealed class AuditBound
{
    private const int MostTooMany = 1000;
    private readonly Lock _trimming = new();
    private readonly Database _database;
    private readonly string _which, _setting;
    private readonly long _kept;
    private long _rows, _trimmedTo;

    /// <param name="which">A condition of SQL: the rows that it bounds.</param>
    /// <param name="setting">The place up to which the database lets such rows go.</param>
    /// <param name="kept">The youngest so many are kept.</param>
    /// <param name="rows">How many there are.</param>
    internal AuditBound(Database database, string which, string setting, long kept, long rows)
    {
        (_database, _which, _setting, _kept, _rows) = (database, which, setting, kept, rows);
        _trimmedTo = database.Read("SELECT CAST(value AS INTEGER) FROM setting WHERE name = $name", row => row.GetInt64(0), ("$name", setting)).FirstOrDefault();
        Trim();
    }

    internal void Added(int rows)
    {
        if (Interlocked.Add(ref _rows, rows) > _kept + Math.Clamp(_kept / 10, 0, MostTooMany))
        {
            try
            {
                Trim();
            }
            catch (QuiltException)
            {
                // A full disk: the next rows try again.
            }
        }
    }

    private void Trim()
    {
        lock (_trimming)
        {
            long tooMany = Interlocked.Read(ref _rows) - _kept;
            if (tooMany <= 0)
            {
                return;
            }

            long? found = _database.Read(
                $"SELECT max(cursor) FROM (SELECT cursor FROM audit WHERE {_which} AND cursor > $from ORDER BY cursor LIMIT $tooMany)",
                row => row.IsDBNull(0) ? null : (long?)row.GetInt64(0), ("$from", _trimmedTo), ("$tooMany", tooMany))[0];
            if (found is not { } to)
            {
                return;
            }

            int gone = 0;
            _database.Write(writer =>
            {
                writer.Run(
                    "INSERT INTO setting (name, value) VALUES ($name, $to) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    ("$name", _setting), ("$to", to.ToString(CultureInfo.InvariantCulture)));
                gone = writer.Run($"DELETE FROM audit WHERE {_which} AND cursor > $from AND cursor <= $to", ("$from", _trimmedTo), ("$to", to));
            });
            _trimmedTo = to;
            Interlocked.Add(ref _rows, -gone);
        }
    }
}
