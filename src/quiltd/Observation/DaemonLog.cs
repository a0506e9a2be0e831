namespace Quilt.Daemon;

/// <summary>How the daemon logs, on stdout.</summary>
internal sealed record DaemonLog(LogLevel Level, LogFormat Format)
{
    internal void Configure(ILoggingBuilder logging)
    {
        // What a client of MCP does wrong is its own to know, and the audit's; why we do not start is told at our end.
        logging.SetMinimumLevel(Level)
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning)
            .AddFilter("ModelContextProtocol", LogLevel.Critical).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        if (Format == LogFormat.Json)
        {
            logging.AddJsonConsole(console =>
            {
                console.TimestampFormat = "O";
                console.UseUtcTimestamp = true;
            });
        }
        else
        {
            logging.AddSimpleConsole(console => console.SingleLine = true);
        }
    }
}

internal enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>An object a line: Timestamp, EventId, LogLevel, Category, Message, State.</summary>
    Json,
}
