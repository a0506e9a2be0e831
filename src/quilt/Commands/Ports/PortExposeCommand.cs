using System.CommandLine;

namespace Quilt.Cli;

internal sealed class PortExposeCommand : ToolCommand
{
    private readonly Argument<string> _container, _port;
    private readonly Option<string?> _service;

    internal PortExposeCommand()
        : base("port expose", "Let the members of a container's networks reach a port of it")
    {
        _container = Word("CONTAINER");
        _port = Word("PORT");
        _service = Value("NAME", "Of the service: members find all who offer it by this name", "--service");
    }

    internal override string Usage => "[--service NAME] CONTAINER PORT[/PROTOCOL]";

    internal override string Details => "In an isolated network nothing else of it can be reached. PROTOCOL is tcp (the default), udp or sctp.";

    internal override IReadOnlyList<Example> Examples => [new("quilt port expose --service postgres db 5432", "In the networks that db is in, and in those it joins later")];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "exposePort";

    internal override ToolArguments ArgumentsOf(Invocation call) => ContainerPort.Parse(call.Get(_port)!).Add(new ToolArguments().Add("container", call.Get(_container))).Add("name", call.Get(_service));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        string[] networks = [.. answer["networks"].Items.Select(n => n.Text)];
        to.WriteLine($"{answer["port"].Text}/{answer["protocol"].Text} {(networks.Length > 0 ? $"in {string.Join(", ", networks)}" : "in the networks that it joins")}");
    }
}
