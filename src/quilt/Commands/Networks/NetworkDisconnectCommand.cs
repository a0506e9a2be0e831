using System.CommandLine;

namespace Quilt.Cli;

internal sealed class NetworkDisconnectCommand : ToolCommand
{
    private readonly Argument<string> _network, _container;

    internal NetworkDisconnectCommand()
        : base("network disconnect", "Take a container out of a network")
    {
        _network = Word("NETWORK");
        _container = Word("CONTAINER");
    }

    internal override string Usage => "NETWORK CONTAINER";

    internal override string Details => "What flows to and from it there ends at once; what 'quilt connect' opened stays.";

    internal override IReadOnlyList<Example> Examples => [new("quilt network disconnect backend db", "At once, also while it runs")];

    protected override string Tool => "disconnectFromNetwork";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("network", call.Get(_network)).Add("container", call.Get(_container));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["network"]["name"].Text);
}
