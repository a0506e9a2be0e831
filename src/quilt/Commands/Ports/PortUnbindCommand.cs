using System.CommandLine;

namespace Quilt.Cli;

internal sealed class PortUnbindCommand : ToolCommand
{
    private readonly Argument<string> _port;

    internal PortUnbindCommand()
        : base("port unbind", "Close a port of the host that was bound") => _port = Word("HOSTPORT");

    internal override string Usage => "[HOSTIP:]HOSTPORT[/PROTOCOL]";

    internal override IReadOnlyList<Example> Examples => [new("quilt port unbind 8080", "What goes over 127.0.0.1:8080 ends"), new("quilt port unbind [::1]:5353/udp", "UDP")];

    protected override string Tool => "unbindPort";

    internal override ToolArguments ArgumentsOf(Invocation call)
    {
        (string text, string? protocol) = PortProtocol.Split(call.Get(_port)!, "HOSTPORT", PortProtocol.OfHost);
        HostPort host = HostPort.Parse(text, lowest: 1);
        return new ToolArguments().Add("hostPort", host.Port).Add("hostIp", host.Address).Add("protocol", protocol);
    }

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(PortProtocol.HostPort(answer));
}
