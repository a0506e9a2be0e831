using System.CommandLine;

namespace Quilt.Cli;

internal sealed class ExecsCommand : ToolCommand
{
    private readonly Argument<string> _container;

    internal ExecsCommand()
        : base("execs", "List the background commands of a container", "Print ids alone") => _container = Word("CONTAINER");

    internal override string Usage => "[-q] CONTAINER";

    internal override string Details => "Of its present run, and the last that have ended. 'quilt attach --exec' joins one, also after quiltd was started anew.";

    internal override IReadOnlyList<Example> Examples => [new("quilt execs job", "What 'quilt exec -d' began in it")];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "listExecs";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("container", call.Get(_container));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["execs"].Items.Select(e => e["execId"].Text);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("EXEC", "STATUS", "STARTED", "COMMAND");
        foreach (ToolAnswer exec in answer["execs"].Items)
        {
            string status = exec["exitCode"].IsThere ? $"exited ({exec["exitCode"].Text})" : "running";
            table.Add(exec["execId"].Text, status, exec["startedAt"].When(now), string.Join(' ', exec["command"].Items.Select(c => c.Text)));
        }

        table.Write(to, style);
    }
}
