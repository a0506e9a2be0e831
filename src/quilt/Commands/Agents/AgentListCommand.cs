namespace Quilt.Cli;

internal sealed class AgentListCommand() : ToolCommand("agent ls", "List agents, and what they use of what they may", "Print names alone")
{
    internal override string Usage => "[-q]";

    internal override IReadOnlyList<Example> Examples => [new("quilt agent ls", "All that the caller may see")];

    protected override string Tool => "listAgents";

    internal override ToolArguments ArgumentsOf(Invocation call) => new();

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["agents"].Items.Select(a => a["name"].Text);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new(AgentFields.Headings);
        foreach (ToolAnswer agent in answer["agents"].Items)
        {
            table.Add(AgentFields.Row(agent, now));
        }

        table.Write(to, style);
    }
}
