using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Quilt.Aria;

public sealed record GetAuditArguments
{
    [Description("After this entry, in order. Left out: the last ones.")]
    public long? Cursor { get; init; }

    [Description("Of this agent alone: its id, or its name from you on.")]
    public string? Agent { get; init; }

    [Description("Of this tool alone.")]
    public string? Tool { get; init; }

    [Description("allowed: it was done; denied: the grant or the token refused it; failed: it was allowed, and failed.")]
    [AllowedValues("allowed", "denied", "failed")]
    public string? Outcome { get; init; }

    [Description("Also what the operator, and whoever is at a dashboard, only looked at; false leaves it out.")]
    [DefaultValue(true)]
    public bool? Watching { get; init; }

    [Description("At most so many.")]
    [Range(1, 1000)]
    [DefaultValue(100)]
    public int? Limit { get; init; }
}

public sealed record AuditView
{
    public required long Cursor { get; init; }
    public required DateTimeOffset Time { get; init; }

    [Description("Who called; (nobody) where that was not known.")]
    public required string Agent { get; init; }
    public string? Session { get; init; }

    [Description("Where the call came in: grpc, http, mcp or dashboard.")]
    public required string Face { get; init; }
    public required string Tool { get; init; }

    [Description("Without secrets.")]
    public required JsonElement Arguments { get; init; }
    public required string Outcome { get; init; }

    [Description("The error's code.")]
    public string? Code { get; init; }

    [Description("What allowed or denied it.")]
    public required string Rule { get; init; }
    public required double DurationMs { get; init; }
}

public sealed record GetAuditResult
{
    [Description("In order.")]
    public required IReadOnlyList<AuditView> Entries { get; init; }

    [Description("Give it for those that come after.")]
    public required long Cursor { get; init; }
}

/// <summary>See <see cref="AuditLog"/>.</summary>
public sealed class GetAuditTool(AuditLog audit, AgentRegistry agents) : Tool<GetAuditArguments, GetAuditResult>
{
    private const int UsualPage = 100;

    public override ToolDefinition Definition { get; } = new("getAudit")
    {
        Title = "Read the audit",
        Description = "Every call of yours and of the agents below you: who, which tool, with what, how it ended, and the rule that allowed or denied it.",
        Example = """{"outcome": "denied"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<GetAuditResult> RunAsync(GetAuditArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Agent caller = context.Caller.Agent;
        IReadOnlyCollection<string>? whose = string.IsNullOrEmpty(arguments.Agent)
            ? caller.IsOperator ? null : [.. agents.All().Where(a => a.IsWithin(caller)).Select(a => a.Id)]
            : [agents.Find(arguments.Agent, caller).Id];
        IReadOnlyList<AuditEntry> entries = await audit.ReadAsync(arguments.Cursor, whose, arguments.Tool, arguments.Outcome, arguments.Watching ?? true, arguments.Limit ?? UsualPage, cancellation).ConfigureAwait(false);
        return new GetAuditResult { Entries = [.. entries.Select(View)], Cursor = entries.Count > 0 ? entries[^1].Cursor : arguments.Cursor ?? 0 };
    }

    private static AuditView View(AuditEntry entry) => new()
    {
        Cursor = entry.Cursor,
        Time = entry.Time,
        Agent = entry.AgentPath,
        Session = entry.Session.Length > 0 ? entry.Session : null,
        Face = entry.Face,
        Tool = entry.Tool,
        Arguments = JsonElement.Parse(entry.Arguments),
        Outcome = entry.Outcome,
        Code = entry.Code.Length > 0 ? entry.Code : null,
        Rule = entry.Rule,
        DurationMs = entry.Duration.TotalMilliseconds,
    };
}
