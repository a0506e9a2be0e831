using Quilt.Api.V1;
using Spectre.Console;

namespace Quilt.Cli;

/// <summary>A table on the terminal that changes with each reading. The one place that needs Spectre.Console, which costs time to start.</summary>
internal static class LiveStats
{
    internal static Task ShowAsync(IAsyncEnumerable<GetStatsResponse> readings) =>
        AnsiConsole.Live(Table(new GetStatsResponse())).StartAsync(async live =>
        {
            await foreach (GetStatsResponse reading in readings)
            {
                live.UpdateTarget(Table(reading));
                live.Refresh();
            }
        });

    private static Table Table(GetStatsResponse reading)
    {
        Table table = new Table().Border(TableBorder.None);
        foreach (string heading in StatsCommand.Headings)
        {
            table.AddColumn(new TableColumn(heading));
        }

        foreach (ContainerStats stats in reading.Stats)
        {
            table.AddRow(Array.ConvertAll(StatsCommand.Row(stats), Markup.Escape));
        }

        return table;
    }
}
