using System.CommandLine;

namespace Quilt.Cli;

internal sealed class ConnectCommand : ToolCommand
{
    private readonly Argument<string> _from, _to;
    private readonly Option<string?> _alias, _ttl;

    internal ConnectCommand()
        : base("connect", "Let a container reach a port of another, or of something outside", "Print the connection's id alone")
    {
        _from = Word("FROM");
        _to = Word("TO:PORT");
        _alias = Value("NAME", "FROM finds it by this name too", "--alias");
        _ttl = Value("DURATION", "Sever it after this time, such as 30m", "--ttl");
    }

    internal override string Usage => "[--alias NAME] [--ttl DURATION] [-q] FROM TO:PORT[/PROTOCOL]";

    internal override string Details =>
        """
        A container reaches nothing but itself until it is connected, and then that port alone, in that direction; answers come
        back. TO is a container; outside, a name such as deb.debian.org, '*.debian.org' for all below it, an address range such as
        192.0.2.0/24, or 'host' for the host's own 127.0.0.1; to the outside leads tcp alone. FROM finds TO by its name, or by --alias. PROTOCOL is tcp (the default), udp or sctp. Connected again, it is the same connection with the new --alias and --ttl.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt connect web db:5432", "Prints where web finds db"),
        new("quilt connect web deb.debian.org:443", "Outside, by name"),
        new("quilt connect --ttl 10m web dns:53/udp", "UDP, for ten minutes"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "establishConnection";

    internal override ToolArguments ArgumentsOf(Invocation call) =>
        Destination.Parse(call.Get(_to)!).Add(new ToolArguments().Add("from", call.Get(_from))).Add("alias", call.Get(_alias)).Add("ttl", call.Get(_ttl));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["connection"]["id"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        ToolAnswer connection = answer["connection"];
        string name = connection["alias"].IsThere ? connection["alias"].Text : connection["toName"].Text;
        string at = connection["address"].IsThere ? $" at {connection["address"].Text}" : "";
        to.WriteLine($"{connection["fromName"].Text} reaches {name}:{connection["port"].Text}/{connection["protocol"].Text}{at}");
    }
}
