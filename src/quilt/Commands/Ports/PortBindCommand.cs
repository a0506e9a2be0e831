using System.CommandLine;
using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class PortBindCommand : ToolCommand
{
    private readonly Argument<string> _container, _ports;

    internal PortBindCommand()
        : base("port bind", "Open a port of the host that leads to a container's", "Print the host's port alone")
    {
        _container = Word("CONTAINER");
        _ports = Word("PORTS");
    }

    internal override string Usage => "[-q] CONTAINER [[HOSTIP:]HOSTPORT:]PORT[/PROTOCOL]";

    internal override string Details => "HOSTIP is 127.0.0.1 where it is left out; HOSTPORT 0, or left out, is one that is free. The port is open until it is unbound or the container is removed. PROTOCOL is tcp (the default) or udp.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt port bind web 8080:80", "127.0.0.1:8080 leads to port 80 of web"),
        new("quilt port bind web 80", "A free port, which is printed"),
        new("quilt port bind web 0.0.0.0:8080:80", "For other hosts too"),
        new("quilt port bind dns [::1]:5353:53/udp", "UDP, over IPv6"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "bindPort";

    internal override ToolArguments ArgumentsOf(Invocation call)
    {
        (string text, string? protocol) = PortProtocol.Split(call.Get(_ports)!, "PORTS", PortProtocol.OfHost);
        int colon = text.LastIndexOf(':');
        HostPort? host = colon < 0 ? null : HostPort.Parse(text[..colon], lowest: 0);
        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535
            ? new ToolArguments().Add("container", call.Get(_container)).Add("port", port).Add("hostPort", host?.Port).Add("hostIp", host?.Address).Add("protocol", protocol)
            : throw QuiltException.Invalid("PORTS", $"'{text}' ends in no port of a container", "give [[HOSTIP:]HOSTPORT:]PORT[/PROTOCOL], such as 8080:80");
    }

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["hostPort"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) =>
        to.WriteLine($"{answer["hostAddress"].Text} leads to {answer["containerName"].Text}:{PortProtocol.Port(answer)}");
}
