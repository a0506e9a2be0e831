using System.CommandLine;

namespace Quilt.Cli;

internal sealed class NetworkRemoveCommand : ToolCommand
{
    private readonly Argument<string> _network;
    private readonly Option<bool> _force;

    internal NetworkRemoveCommand()
        : base("network rm", "Remove a network")
    {
        _network = Word("NETWORK");
        _force = Flag("Also where containers are in it: they run on, and lose it", "--force", "-f");
    }

    internal override string Usage => "[-f] NETWORK";

    internal override IReadOnlyList<Example> Examples => [new("quilt network rm backend", "One that nobody is in")];

    protected override string Tool => "removeNetwork";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("network", call.Get(_network)).Add("force", call.Get(_force), unless: false);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["network"]["name"].Text);
}
