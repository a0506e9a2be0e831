using Microsoft.Data.Sqlite;
using Quilt.Storage;
using Quilt.Testing;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>The daemon's database as a file.</summary>
public sealed class DatabaseTests : IDisposable
{
    private const string Table = "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT";
    private readonly TemporaryFolder _folder = new();

    private string Place => Path.Combine(_folder.Path, "quilt.db");

    [Fact]
    public void What_is_deleted_is_given_back_to_the_host_by_and_by()
    {
        using (Database database = Database.Open(Place))
        {
            database.Migrate("t", [Table]);
            FillAndEmpty(database);
            Assert.InRange(Pages(database), 0, 2000);
        }

        Assert.InRange(new FileInfo(Place).Length, 0, 2000 * 4096);
    }

    [Fact]
    public void One_that_was_made_without_that_goes_on_as_it_is()
    {
        using (SqliteConnection before = new($"Data Source={Place};Pooling=False"))
        {
            before.Open();
            using SqliteCommand command = before.CreateCommand();
            command.CommandText = $"PRAGMA journal_mode=WAL; {Table};";
            command.ExecuteNonQuery();
        }

        using Database database = Database.Open(Place);
        FillAndEmpty(database);
        Assert.InRange(Pages(database), 4000, long.MaxValue);
        Assert.Equal(["ok"], database.Read("PRAGMA integrity_check", row => row.GetString(0)));
    }

    public void Dispose() => _folder.Dispose();

    private static long Pages(Database database) => database.Read("PRAGMA page_count", row => row.GetInt64(0)).Single();

    private static void FillAndEmpty(Database database)
    {
        const int rows = 4000;
        string page = new('x', 4096);
        database.Write(writer =>
        {
            for (int i = 0; i < rows; i++)
            {
                writer.Run("INSERT INTO t (text) VALUES ($text)", ("$text", page));
            }
        });
        Assert.True(Pages(database) > rows);
        database.Write(writer => writer.Run("DELETE FROM t WHERE id > $id", ("$id", 1)));
        for (int i = 0; i < rows; i++)
        {
            database.Write(writer => writer.Run("UPDATE t SET text = $text WHERE id = $id", ("$text", $"{i}"), ("$id", 1)));
        }
    }
}
