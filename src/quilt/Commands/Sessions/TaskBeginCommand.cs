using System.CommandLine;

namespace Quilt.Cli;

internal sealed class TaskBeginCommand : ToolCommand
{
    private readonly Argument<string> _name;
    private readonly Option<string?> _ttl;

    internal TaskBeginCommand()
        : base("task begin", "Begin a task, whose containers end with it", "Print the id alone")
    {
        _name = Word("NAME");
        _ttl = Value("DURATION", "End it after this time, such as 30m", "--ttl");
    }

    internal override string Usage => "[--ttl DURATION] [-q] NAME";

    internal override string Details => "It is in the session that --session or QUILT_SESSION names.";

    internal override IReadOnlyList<Example> Examples => [new("quilt task begin --ttl 30m build", "Until 'quilt task end', half an hour at most")];

    protected override string Tool => "beginTask";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("name", call.Get(_name)).Add("ttl", call.Get(_ttl)).Add("session", call.Caller.Session);

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["task"]["id"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => new FieldList()
        .Add("id", answer["task"]["id"].Text)
        .Add("name", answer["task"]["name"].Text)
        .Add("session", answer["task"]["session"].Text)
        .Add("agent", AgentFields.Whose(answer["task"]["agent"]))
        .Add("expires", answer["task"]["endsAt"].When(now))
        .Write(to, style);
}
