using System.CommandLine;

namespace Quilt.Cli;

internal sealed class NetworkRemoveCommand : ToolOnEachCommand
{
    private readonly Option<bool> _force;

    internal NetworkRemoveCommand()
        : base("network rm", "Remove networks", "NETWORK") => _force = Flag("Also where containers are in it: they run on, and lose it", "--force", "-f");

    internal override string Usage => "[-f] NETWORK…";

    internal override IReadOnlyList<Example> Examples => [new("quilt network rm backend cache", "Two that nobody is in")];

    protected override string Tool => "removeNetwork";

    protected override ToolArguments ArgumentsOf(Invocation call, string thing) => new ToolArguments().Add("network", thing).Add("force", call.Get(_force), unless: false);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["network"]["name"].Text);
}
