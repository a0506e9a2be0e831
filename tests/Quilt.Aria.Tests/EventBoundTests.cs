using Quilt.Engine;
using Quilt.Storage;
using Quilt.Testing;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class EventBoundTests
{
    [Fact]
    public void Old_events_go_while_the_daemon_runs_whoever_writes_new_ones()
    {
        using TemporaryFolder folder = new();
        using Database database = Database.Open(folder["db"]);
        database.Migrate("engine", Migrations.Steps);
        database.Write(writer => writer.KeepLast(100));
        for (int i = 0; i < 50; i++)
        {
            database.Write(writer =>
            {
                for (int n = 0; n < 100; n++)
                {
                    writer.Append(DateTimeOffset.UtcNow, EventTypes.DaemonStarted, null);
                }
            });
        }

        Assert.Equal(5000, EventRows.LastCursor(database));
        Assert.InRange(EventRows.ReadAfter(database, 0, null, 5000).Count, 100, 1124);
    }
}
