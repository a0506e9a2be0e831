using System.CommandLine;

namespace Quilt.Cli;

internal sealed class PortUnbindCommand : ToolCommand
{
    private readonly Argument<string> _port;

    internal PortUnbindCommand()
        : base("port unbind", "Close a port of the host that was bound") => _port = Word("HOSTPORT");

    internal override string Usage => "[HOSTIP:]HOSTPORT";

    internal override IReadOnlyList<Example> Examples => [new("quilt port unbind 8080", "What goes over 127.0.0.1:8080 ends")];

    protected override string Tool => "unbindPort";

    internal override ToolArguments ArgumentsOf(Invocation call)
    {
        HostPort host = HostPort.Parse(call.Get(_port)!, lowest: 1);
        return new ToolArguments().Add("hostPort", host.Port).Add("hostIp", host.Address);
    }

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["hostAddress"].Text);
}
