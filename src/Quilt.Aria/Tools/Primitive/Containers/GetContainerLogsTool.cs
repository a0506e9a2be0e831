using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Aria;

public sealed record GetContainerLogsArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("The last so many lines that match.")]
    [Range(0, LogQueryReader.MostTail)]
    public int? Tail { get; init; }

    [Description("From then on (RFC 3339).")]
    public DateTimeOffset? Since { get; init; }

    [Description("Up to then (RFC 3339).")]
    public DateTimeOffset? Until { get; init; }

    [Description("stdout or stderr alone.")]
    [AllowedValues("stdout", "stderr")]
    public string? Stream { get; init; }

    [Description("Lines alone that this regular expression matches.")]
    public string? Pattern { get; init; }

    [Description("The cursor of the answer before, for what was written after it.")]
    public string? Cursor { get; init; }

    // Of the faces that have streams.
    [JsonIgnore]
    public bool Follow { get; init; }
}

public sealed record LogLineView
{
    public required DateTimeOffset Time { get; init; }

    [Description("stdout, stderr, or notice: a word of Quilt's own.")]
    public required string Stream { get; init; }
    public required string Text { get; init; }

    public static LogLineView Of(LogEntry entry) => new()
    {
        Time = entry.Time,
        Stream = entry.Stream.ToString().ToLowerInvariant(),
        Text = Encoding.UTF8.GetString(entry.Data.Span).TrimEnd('\n', '\r'),
    };

    /// <summary>As the tools' results have it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, AriaJson.Plain.LogLineView);
}

public sealed record GetContainerLogsResult
{
    [Description("In the order in which they were written.")]
    public required IReadOnlyList<LogLineView> Lines { get; init; }

    [Description("Give it for what comes after these lines.")]
    public required string Cursor { get; init; }

    [Description("There is more: the answer was full. Ask again with the cursor.")]
    public required bool Truncated { get; init; }
}

/// <summary>See <see cref="ContainerEngine.LogsAsync"/>.</summary>
public sealed class GetContainerLogsTool(ContainerEngine engine) : Tool<GetContainerLogsArguments, GetContainerLogsResult>
{
    public override ToolDefinition Definition { get; } = new("getContainerLogs")
    {
        Title = "Read a container's log",
        Description = "What the container's own command wrote, with times. The answer holds at most 64 KiB: where there is more, it says so, and the cursor gets the rest. Ask with the last cursor to read on later.",
        Example = """{"container": "web", "tail": 50}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<GetContainerLogsResult> RunAsync(GetContainerLogsArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        LogQuery query = LogQueryReader.Read(arguments);
        BoundedLines lines = new(arguments.Cursor ?? "");
        await foreach (LogEntry entry in engine.LogsAsync(context.Caller.Container(arguments.Container, Access.Use).Id, query, cancellation).ConfigureAwait(false))
        {
            if (!lines.TryAdd(entry))
            {
                break;
            }
        }

        return new GetContainerLogsResult { Lines = lines.Lines, Cursor = lines.Cursor, Truncated = lines.Truncated };
    }
}
