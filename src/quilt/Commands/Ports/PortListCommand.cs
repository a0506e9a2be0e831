namespace Quilt.Cli;

internal sealed class PortListCommand() : ToolCommand("port ls", "List the host's ports that lead to containers", "Print the host's addresses alone")
{
    internal override string Usage => "[-q]";

    internal override IReadOnlyList<Example> Examples => [new("quilt port ls", "Each with its container and port")];

    protected override string Tool => "getNetworkTopology";

    internal override ToolArguments ArgumentsOf(Invocation call) => new();

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
