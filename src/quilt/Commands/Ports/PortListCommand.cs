using System.CommandLine;

namespace Quilt.Cli;

internal sealed class PortListCommand : ToolCommand
{
    private readonly Argument<string?> _container;

    internal PortListCommand()
        : base("port ls", "List the host's ports that lead to containers", "Print the host's addresses alone") => _container = OptionalWord("CONTAINER");

    internal override string Usage => "[-q] [CONTAINER]";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt port ls", "Each with its container and port"),
        new("quilt port ls web", "Those that lead to web"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "getNetworkTopology";

    protected override string ToolFor(Invocation call) => call.Get(_container) is null ? Tool : "getContainerNetworkInfo";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("container", call.Get(_container));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["ports"].Items.Select(PortProtocol.HostPort);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("HOST ADDRESS", "CONTAINER", "PORT");
        foreach (ToolAnswer port in answer["ports"].Items)
        {
            table.Add(port["hostAddress"].Text, port["containerName"].Text, PortProtocol.Port(port));
        }

        table.Write(to, style);
    }
}
