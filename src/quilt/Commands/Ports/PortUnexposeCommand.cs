using System.CommandLine;

namespace Quilt.Cli;

internal sealed class PortUnexposeCommand : ToolCommand
{
    private readonly Argument<string> _container, _port;

    internal PortUnexposeCommand()
        : base("port unexpose", "Take back what 'port expose' opened")
    {
        _container = Word("CONTAINER");
        _port = Word("PORT");
    }

    internal override string Usage => "CONTAINER PORT[/PROTOCOL]";

    internal override IReadOnlyList<Example> Examples => [new("quilt port unexpose db 5432", "What flows to it in isolated networks ends")];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "unexposePort";

    internal override ToolArguments ArgumentsOf(Invocation call) => ContainerPort.Parse(call.Get(_port)!).Add(new ToolArguments().Add("container", call.Get(_container)));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine($"{answer["port"].Text}/{answer["protocol"].Text}");
}
