using Microsoft.Extensions.Logging.Abstractions;
using Quilt.Storage;
using Quilt.Testing;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class AuditBoundTests : IDisposable
{
    private const int Kept = 100;
    private const string Watcher = "operator";
    private readonly TemporaryFolder _folder = new();
    private readonly Database _database;

    public AuditBoundTests()
    {
        _database = Database.Open(_folder["db"]);
        _database.Write(writer => writer.Run("CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")); // the engine's
        _database.Migrate(AriaMigrations.Part, AriaMigrations.Steps);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Old_rows_go_while_the_daemon_runs()
    {
        await using AuditLog audit = Open();
        for (int i = 0; i < 10 * Kept; i++)
        {
            audit.Append(Entry("builder", $"tool{i}"));
        }

        Assert.Equal($"tool{(10 * Kept) - 1}", (await Last(audit)).Tool);
        Assert.InRange(Rows("builder"), Kept, Kept + (Kept / 10));
    }

    [Fact]
    public async Task Calls_of_nobody_push_out_no_others()
    {
        await using (AuditLog audit = Open())
        {
            for (int i = 0; i < Kept / 2; i++)
            {
                audit.Append(Entry("builder", "known"));
            }

            for (int i = 0; i < 20 * Kept; i++)
            {
                audit.Append(Entry(AuditEntry.Nobody, "guess"));
            }

            await Last(audit);
            Assert.Equal(Kept / 2, Rows("builder"));
            Assert.InRange(Rows(AuditEntry.Nobody), Kept / 10, (Kept / 10) + 1);
        }

        // Neither at the next start.
        await using AuditLog next = Open();
        Assert.Equal(Kept / 2, Rows("builder"));
        Assert.Equal(Kept / 10, Rows(AuditEntry.Nobody));
    }

    [Fact]
    public async Task Who_only_watches_pushes_out_no_others()
    {
        await using (AuditLog audit = Open())
        {
            for (int i = 0; i < Kept / 2; i++)
            {
                audit.Append(Entry("builder", "known"));
            }

            for (int i = 0; i < 20 * Kept; i++)
            {
                audit.Append(Entry(Watcher, "listContainers") with { Watching = true });
            }

            Assert.True((await Last(audit)).Watching);
            Assert.Equal("known", Assert.Single(await audit.ReadAsync(null, null, null, null, false, 1, default)).Tool);
            Assert.Equal(Kept / 2, Rows("builder"));
            Assert.InRange(Rows(Watcher), Kept / 10, (Kept / 10) + 1);
        }

        await using AuditLog next = Open();
        Assert.Equal(Kept / 2, Rows("builder"));
        Assert.Equal(Kept / 10, Rows(Watcher));
    }

    [Fact]
    public async Task Rows_that_are_kept_cannot_be_deleted()
    {
        await using AuditLog audit = Open();
        for (int i = 0; i < 2 * Kept; i++)
        {
            audit.Append(Entry("builder", "known"));
            audit.Append(Entry(Watcher, "listContainers") with { Watching = true });
            audit.Append(Entry(AuditEntry.Nobody, "guess"));
        }

        await Last(audit);
        foreach (string whose in (string[])["builder", Watcher, AuditEntry.Nobody])
        {
            Assert.ThrowsAny<Exception>(() => _database.Write(writer => writer.Run("DELETE FROM audit WHERE agent_path = $whose", ("$whose", whose))));
            Assert.NotEqual(0, Rows(whose));
        }
    }

    private AuditLog Open() => new(_database, Kept, NullLogger<AuditLog>.Instance);

    private static async Task<AuditEntry> Last(AuditLog audit) => Assert.Single(await audit.ReadAsync(null, null, null, null, true, 1, default));

    private long Rows(string whose) => _database.Read("SELECT count(*) FROM audit WHERE agent_path = $whose", row => row.GetInt64(0), ("$whose", whose))[0];

    private static AuditEntry Entry(string whose, string tool) => new(0, DateTimeOffset.UnixEpoch, "", whose, "", "http", tool, "{}", AuditOutcomes.Allowed, "", "", TimeSpan.Zero);
}
