using System.Runtime.InteropServices;
using Grpc.Core;
using Quilt.Api.V1;
using Spectre.Console;

namespace Quilt.Cli;

/// <summary>A table on the terminal that changes with each reading. The one place that needs Spectre.Console, which costs time to start.</summary>
internal static class LiveStats
{
    /// <summary>Of a cell, a space on each side.</summary>
    private const int Padding = 2;

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
        string[][] rows = [StatsCommand.Headings, .. reading.Stats.Select(StatsCommand.Row)];
        int fitting = Fitting(rows, AnsiConsole.Profile.Width);
        Table table = new Table().Border(TableBorder.None);
        table.AddColumns([.. rows[0].Take(fitting).Select(heading => new TableColumn(heading).NoWrap())]);
        foreach (string[] row in rows.Skip(1))
        {
            table.AddRow([.. row.Take(fitting).Select(Markup.Escape)]);
        }

        return table;
    }

    /// <summary>How many whole columns a terminal has room for; two at least.</summary>
    internal static int Fitting(string[][] rows, int width)
    {
        int count = 0;
        while (count < rows[0].Length && (width -= rows.Max(r => r[count].Length) + Padding) >= 0)
        {
            count++;
        }

        return Math.Max(2, count);
    }
}
