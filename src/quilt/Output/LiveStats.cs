using System.Runtime.InteropServices;
using Grpc.Core;
using Quilt.Api.V1;
using Spectre.Console;

namespace Quilt.Cli;

/// <summary>A table on the terminal that changes with each reading. The one place that needs Spectre.Console, which costs time to start.</summary>
internal static class LiveStats
{
    /// <summary>Ends at Ctrl-C, so that the terminal gets its cursor back.</summary>
    internal static async Task ShowAsync(IAsyncEnumerable<GetStatsResponse> readings)
    {
        using CancellationTokenSource ended = new();
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ended.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End), terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        await AnsiConsole.Live(Table(new GetStatsResponse())).StartAsync(async live =>
        {
            try
            {
                await foreach (GetStatsResponse reading in readings.WithCancellation(ended.Token))
                {
                    live.UpdateTarget(Table(reading));
                    live.Refresh();
                }
            }
            catch (Exception e) when (ended.IsCancellationRequested && e is RpcException or OperationCanceledException)
            {
            }
        });
    }

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
