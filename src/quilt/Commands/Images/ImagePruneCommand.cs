using System.CommandLine;

namespace Quilt.Cli;

internal sealed class ImagePruneCommand : ToolCommand
{
    private readonly Option<bool> _all, _cache, _force;

    internal ImagePruneCommand(string name)
        : base(name, "Remove images that nobody needs")
    {
        _all = Flag("Also those with a name that no container is made of", "--all", "-a");
        _cache = Flag("What builds have kept for the next one, too", "--build-cache");
        _force = Flag("Do not ask", "--force", "-f");
    }

    internal override string Usage => "[-a] [--build-cache] [-f]";

    internal override string Details => "Without -a only those that have no name any more. The embedded quilt/busybox stays. It asks first, unless -f says not to; without a terminal it wants -f.";

    internal override IReadOnlyList<Example> Examples => [new($"quilt {Name} -af --build-cache", "All that no container is made of, without asking")];

    internal override async Task<int> RunAsync(Invocation call) => call.Get(_force) || Confirmation.Given(
        call, $"Remove images {(call.Get(_all) ? "that no container is made of" : "without a name")}{(call.Get(_cache) ? ", and what builds keep" : "")}") ? await base.RunAsync(call) : 1;

    protected override string Tool => "pruneImages";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("all", call.Get(_all), unless: false).Add("buildCache", call.Get(_cache), unless: false);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        foreach (ToolAnswer gone in answer["removed"].Items)
        {
            to.WriteLine(gone.Text);
        }

        to.WriteLine($"{ImageRows.Size(answer["freedBytes"])} freed");
    }
}
