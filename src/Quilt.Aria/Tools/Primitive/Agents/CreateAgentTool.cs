using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Quilt.Core;

namespace Quilt.Aria;

public sealed record CreateAgentArguments
{
    [Description("Its name among your agents: 1 to 63 letters, digits, '.', '_' or '-'. Left out: the configuration's.")]
    [StringLength(63)]
    public string? Name { get; init; }

    [Description("What it may do: see the fields. It can be no more than what you may yourself.")]
    public AgentConfig? Config { get; init; }

    [Description("The same as a text, YAML or JSON.")]
    [StringLength(1 << 20)]
    public string? ConfigText { get; init; }

    [Description("Make a token for it too; it is told in this answer and never again.")]
    [DefaultValue(true)]
    public bool IssueToken { get; set; } = true;

    [Description("The token ends that long from now. Left out: never.")]
    public TimeSpan? TokenTtl { get; init; }
}

public sealed record CreateAgentResult
{
    public required AgentView Agent { get; init; }

    [Description("Whoever has it is the agent: give it to that agent alone.")]
    public string? Token { get; init; }
    public string? TokenId { get; init; }
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>See <see cref="AgentRegistry.Create"/>.</summary>
public sealed class CreateAgentTool(AgentRegistry agents, TokenStore tokens, Quotas quotas) : Tool<CreateAgentArguments, CreateAgentResult>
{
    public override ToolDefinition Definition { get; } = new("createAgent")
    {
        AnswersSecret = true,
        Title = "Delegate to an agent",
        Description = "Makes an agent below you, with a part of your own grant, and a token by which it calls. What it has counts against your limits too, and you can see and end all of it. More than you have yourself is refused.",
        Example = """{"name": "tester", "config": {"grant": {"tools": {"deny": ["createAgent"]}, "limits": {"containers": 2, "memory": "512MiB"}}}, "tokenTtl": "1h"}""",
    };

    protected override Task<CreateAgentResult> RunAsync(CreateAgentArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        AgentConfig config = Read(arguments);
        TimeSpan? ttl = BeginSessionTool.Time("tokenTtl", arguments.TokenTtl);
        string name = arguments.Name ?? config.Name ?? throw QuiltException.Invalid("name", "the agent has no name", "give one, here or in the configuration");
        (Token Token, string Secret)? first = null;
        Agent agent = agents.Create(name, context.Caller.Agent, config, (writer, made) => first = arguments.IssueToken ? TokenStore.Insert(writer, made, ttl) : null);
        if (first is { } told)
        {
            tokens.Know(told);
        }

        return Task.FromResult(new CreateAgentResult { Agent = AgentView.Of(agent, context.Caller.Agent, quotas), Token = first?.Secret, TokenId = first?.Token.Id, Warnings = [] });
    }

    private AgentConfig Read(CreateAgentArguments arguments)
    {
        if (arguments.ConfigText is null)
        {
            return AgentConfigReader.Check(arguments.Config ?? new AgentConfig());
        }

        return arguments.Config is null
            ? AgentConfigReader.Read(arguments.ConfigText, Input.Property("config")!)
            : throw QuiltException.Invalid("configText", "the configuration is given twice", "give config or configText");
    }
}
