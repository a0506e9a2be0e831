using System.CommandLine;

namespace Quilt.Cli;

internal sealed class TaskEndCommand : ToolCommand
{
    private readonly Argument<string> _task;

    internal TaskEndCommand()
        : base("task end", "End a task, and tell what became of its containers") => _task = Word("TASK");

    internal override string Usage => "TASK";

    internal override IReadOnlyList<Example> Examples => [new("quilt task end build", "Its containers of strategy task go with it")];

    internal override ArgumentKind Completes => ArgumentKind.Task;

    protected override string Tool => "endTask";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("task", call.Get(_task));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        to.WriteLine(answer["task"]["id"].IsThere ? answer["task"]["id"].Text : answer["task"].Text);
        EndReport.Write(to, style, answer["report"]);
    }
}
