using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Quilt.Cognition;

/// <summary>A run as JSON lines: one object for each event, with its time and type.</summary>
/// <param name="lost">Told once, where a line cannot be written, such as on a full disk: that and all after it is left out. Null: the writer's failure is the run's.</param>
public sealed class Transcript(TextWriter writer, TimeProvider clock, Action<IOException>? lost = null) : IDisposable
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lock _lock = new();
    private bool _isLost;

    /// <summary>Each line is there at once: a run that dies leaves what it did.</summary>
    public void Write(AgentEvent happened)
    {
        JsonObject line = Line(happened);
        line.Insert(0, "time", clock.GetUtcNow().ToString("O"));
        lock (_lock)
        {
            if (!_isLost)
            {
                Write(line.ToJsonString(Readable));
            }
        }
    }

    public void Dispose()
    {
        try
        {
            writer.Dispose();
        }
        catch (IOException) when (_isLost)
        {
            // What could not be written before still cannot.
        }
    }

    private void Write(string line)
    {
        try
        {
            writer.WriteLine(line);
            writer.Flush();
        }
        catch (IOException e) when (lost is not null)
        {
            _isLost = true;
            lost(e);
        }
    }

    private static JsonObject Line(AgentEvent happened) => happened switch
    {
        AgentEvent.Began began => new JsonObject
        {
            ["type"] = "begin", ["task"] = began.Task, ["agent"] = began.Agent, ["session"] = began.Session, ["model"] = began.Model, ["tools"] = new JsonArray([.. began.Tools.Select(t => JsonValue.Create(t))]),
        },
        AgentEvent.Said said => new JsonObject { ["type"] = "message", ["role"] = "assistant", ["text"] = said.Text },
        AgentEvent.Called called => new JsonObject { ["type"] = "toolCall", ["id"] = called.CallId, ["tool"] = called.Tool, ["arguments"] = called.Arguments.DeepClone() },
        AgentEvent.Answered answered => new JsonObject
        {
            ["type"] = "toolResult", ["id"] = answered.CallId, ["tool"] = answered.Tool, ["failed"] = answered.Failed, ["durationMs"] = Math.Round(answered.Duration.TotalMilliseconds, 3), ["result"] = answered.Result?.DeepClone(),
        },
        AgentEvent.Used used => new JsonObject { ["type"] = "usage", ["request"] = used.Request, ["inputTokens"] = used.InputTokens, ["outputTokens"] = used.OutputTokens },
        AgentEvent.Delayed delayed => new JsonObject { ["type"] = "delay", ["reason"] = delayed.Reason, ["pauseMs"] = delayed.Pause.TotalMilliseconds },
        AgentEvent.Cleaned cleaned => new JsonObject { ["type"] = "cleanup", ["what"] = cleaned.What },
        AgentEvent.Ended ended => new JsonObject
        {
            ["type"] = "end", ["outcome"] = ended.Outcome, ["reason"] = ended.Reason, ["requests"] = ended.Requests, ["inputTokens"] = ended.InputTokens, ["outputTokens"] = ended.OutputTokens,
        },
        _ => throw new NotSupportedException(happened.GetType().Name),
    };
}
