using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>An agent as people see it: in a row, or one thing a line.</summary>
internal static class AgentFields
{
    internal static string[] Headings { get; } = ["NAME", "ID", "LEVEL", "SCOPES", "CONTAINERS", "MEMORY", "CREATED"];

    internal static string[] Row(ToolAnswer agent, DateTimeOffset now) =>
    [
        Whose(agent["name"]), agent["id"].Text, agent["level"].Text, agent["scopes"].Text, Share(agent, "containers"), Share(agent, "memory"), agent["createdAt"].When(now),
    ];

    internal static FieldList Of(ToolAnswer agent, DateTimeOffset now) => new FieldList()
        .Add("id", agent["id"].Text)
        .Add("name", agent["name"].Text)
        .Add("parent", agent["parent"].Text)
        .Add("created", agent["createdAt"].When(now))
        .Add("level", agent["level"].Text)
        .Add("scopes", agent["scopes"].Text)
        .Add("containers", Share(agent, "containers"))
        .Add("memory", Share(agent, "memory"))
        .Add("cpus", Share(agent, "cpus"))
        .Add("edges", Share(agent, "edges"))
        .Add("ports", Share(agent, "ports"))
        .Add("execs", Share(agent, "execs"))
        .Add("pids each", agent["limits"]["pids"].Text)
        .Add("longest life", agent["limits"]["ttl"].Text);

    /// <summary>An agent's id; the operator's is empty.</summary>
    internal static string Whose(ToolAnswer agent) => agent.Text.Length == 0 ? "operator" : agent.Text;

    /// <summary>What it uses of what it may: <c>2/8</c>; the use alone where there is no limit.</summary>
    private static string Share(ToolAnswer agent, string name)
    {
        string used = Amount(agent["usage"][name], name), limit = Amount(agent["limits"][name], name);
        return (used.Length, limit.Length) switch
        {
            (_, 0) => used,
            (0, _) => $"0/{limit}",
            _ => $"{used}/{limit}",
        };
    }

    private static string Amount(ToolAnswer value, string name) =>
        name == "memory" && long.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? new ByteSize(bytes).ToString() : value.Text;
}
