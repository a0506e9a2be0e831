using System.CommandLine;

namespace Quilt.Cli;

internal sealed class NetworkConnectCommand : ToolCommand
{
    private readonly Argument<string> _network, _container;
    private readonly Option<string[]> _alias;
    private readonly Option<string?> _ip;

    internal NetworkConnectCommand()
        : base("network connect", "Take a container into a network", "Print its address alone")
    {
        _network = Word("NETWORK");
        _container = Word("CONTAINER");
        _alias = Values("NAME", "Members find it by this name too", "--alias");
        _ip = Value("ADDRESS", "Its IPv4 address in the network (else one that is free)", "--ip");
    }

    internal override string Usage => "[--alias NAME]... [--ip ADDRESS] [-q] NETWORK CONTAINER";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt network connect backend db", "At once, also while it runs"),
        new("quilt network connect --alias postgres --ip 10.7.0.9 services db", "By another name too, at an address of its own"),
    ];

    protected override string Tool => "connectToNetwork";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("network", call.Get(_network)).Add("container", call.Get(_container)).Add("aliases", call.Get(_alias) ?? []).Add("ip", call.Get(_ip));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["member"]["address"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) =>
        to.WriteLine($"{answer["member"]["containerName"].Text} has {answer["member"]["address"].Text} and {answer["member"]["address6"].Text}");
}
