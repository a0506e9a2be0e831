namespace Quilt.Cli;

internal sealed class TaskListCommand() : ToolCommand("task ls", "List tasks", "Print ids alone")
{
    internal override string Usage => "[-q]";

    internal override string Details => "Those of one session alone where --session or QUILT_SESSION names it.";

    internal override IReadOnlyList<Example> Examples => [new("quilt task ls", "Whose they are, and what they hold")];

    protected override string Tool => "listTasks";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("session", call.Caller.Session);

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["tasks"].Items.Select(t => t["id"].Text);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("TASK ID", "NAME", "SESSION", "AGENT", "STATE", "CONTAINERS", "CREATED", "EXPIRES");
        foreach (ToolAnswer task in answer["tasks"].Items)
        {
            table.Add(
                task["id"].Text, task["name"].Text, task["session"].Text, AgentFields.Whose(task["agent"]), task["state"].Text, SessionListCommand.Count(task["containers"]),
                task["createdAt"].When(now), task["endsAt"].When(now));
        }

        table.Write(to, style);
    }
}
