using System.CommandLine;

namespace Quilt.Cli;

internal sealed class AgentInspectCommand : ToolCommand
{
    private readonly Argument<string?> _agent;

    internal AgentInspectCommand()
        : base("agent inspect", "Show all there is to know of an agent") => _agent = OptionalWord("AGENT");

    internal override string Usage => "[AGENT]";

    internal override string Details => "Without AGENT, the one that the token names.";

    internal override IReadOnlyList<Example> Examples => [new("quilt agent inspect helper", "What it may do and what it uses"), new("quilt agent inspect --json", "Who am I, for a program")];

    internal override ArgumentKind Completes => ArgumentKind.Agent;

    protected override string Tool => "getAgent";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("agent", call.Get(_agent));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        AgentFields.Of(answer["agent"], now).Write(to, style);
        if (answer["config"].IsThere)
        {
            to.WriteLine();
            to.WriteLine(answer["config"].Indented);
        }
    }
}
