using System.CommandLine;

namespace Quilt.Cli;

internal sealed class ConnectCommand : ToolCommand
{
    private readonly Argument<string> _from, _to;
    private readonly Option<string?> _ttl;

    internal ConnectCommand()
        : base("connect", "Let a container reach a port of another", "Print the connection's id alone")
    {
        _from = Word("FROM");
        _to = Word("TO:PORT");
        _ttl = Value("DURATION", "Sever it after this time, such as 30m", "--ttl");
    }

    internal override string Usage => "[--ttl DURATION] [-q] FROM TO:PORT[/PROTOCOL]";

    internal override string Details =>
        """
        A container reaches nothing but itself until it is connected, and then that port alone, in that direction; answers come
        back. PROTOCOL is tcp (the default), udp or sctp. Connected again, it is the same connection with the new --ttl.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt connect web db:5432", "Prints where web finds db"),
        new("quilt connect --ttl 10m web dns:53/udp", "UDP, for ten minutes"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "establishConnection";

    internal override ToolArguments ArgumentsOf(Invocation call) =>
        Destination.Parse(call.Get(_to)!).Add(new ToolArguments().Add("from", call.Get(_from))).Add("ttl", call.Get(_ttl));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["connection"]["id"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        ToolAnswer connection = answer["connection"];
        to.WriteLine($"{connection["address"].Text}:{connection["port"].Text}");
    }
}
