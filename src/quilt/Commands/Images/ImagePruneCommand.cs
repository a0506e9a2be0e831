using System.CommandLine;

namespace Quilt.Cli;

internal sealed class ImagePruneCommand : ToolCommand
{
    private readonly Option<bool> _all, _cache;

    internal ImagePruneCommand()
        : base("image prune", "Remove images that nobody needs")
    {
        _all = Flag("Also those with a name that no container is made of", "--all", "-a");
        _cache = Flag("What builds have kept for the next one, too", "--build-cache");
    }

    internal override string Usage => "[-a] [--build-cache]";

    internal override string Details => "Without -a only those that have no name any more. The embedded quilt/busybox stays.";

    internal override IReadOnlyList<Example> Examples => [new("quilt image prune -a --build-cache", "All that no container is made of")];

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
