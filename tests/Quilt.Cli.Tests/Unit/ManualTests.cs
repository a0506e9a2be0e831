using System.Text.Json.Serialization.Metadata;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

public sealed class ManualTests
{
    private static readonly (string Commands, JsonTypeInfo View)[] Rows =
    [
        ("`ps`, `pause`, `unpause`", CliJson.Compact.ContainerView), ("`create`, `run -d`", CliJson.Compact.CreatedView), ("`run`, `exec`, `attach`", CliJson.Compact.CommandResultView),
        ("`exec -d`", CliJson.Compact.ExecStartedView), ("`start`, `restart`", CliJson.Compact.StartedView), ("`stop`", CliJson.Compact.StoppedView), ("`kill`", CliJson.Compact.SignalledView),
        ("`rm`", CliJson.Compact.RemovedView), ("`wait`", CliJson.Compact.WaitView), ("`logs`", CliJson.Compact.LogLineView), ("`events`", CliJson.Compact.EventView), ("`stats`", CliJson.Compact.StatsView),
        ("`images`, `image ls`", CliJson.Compact.ImageView), ("`info`, `system info`", CliJson.Compact.InfoView), ("`dashboard`", CliJson.Compact.DashboardView), ("`system prune`", CliJson.Compact.PruneView),
        ("`doctor`", CliJson.Compact.DoctorView), ("`help`", CliJson.Compact.CommandView), ("`tool ls`", CliJson.Compact.ToolView), ("`mcp install`", CliJson.Compact.McpInstalledView),
    ];

    /// <summary>Names only ever get more, and each is documented where the others are.</summary>
    [Fact]
    public void Each_name_of_what_json_prints_is_in_the_manuals_table()
    {
        string[] lines = File.ReadAllLines(Sources.PathOf("docs/cli.md"));
        Assert.All(Rows, row => Assert.Equal(Names(row.View), Words(row.Commands).Intersect(Names(row.View)).Order()));
        string[] parts = [.. Names(CliJson.Compact.ContainerView), "failingStreak"];
        Assert.Empty(new[] { CliJson.Compact.ContainerDetailView, CliJson.Compact.ResourcesView, CliJson.Compact.IoLimitView, CliJson.Compact.HugepageLimitView, CliJson.Compact.UlimitView,
            CliJson.Compact.MountView, CliJson.Compact.TmpfsView, CliJson.Compact.HealthCheckView, (JsonTypeInfo)CliJson.Compact.HealthProbeView }
            .SelectMany(Names).Except(parts).Except(Words("`inspect`")));

        string[] Words(string commands) => lines.Single(l => l.StartsWith($"| {commands} |", StringComparison.Ordinal))
            .Split([' ', '`', '{', '}', '[', ']', '|', ';'], StringSplitOptions.RemoveEmptyEntries);
    }

    private static IEnumerable<string> Names(JsonTypeInfo view) => view.Properties.Select(p => p.Name).Order();
}
