using System.CommandLine;

namespace Quilt.Cli;

internal sealed class RemoveImageCommand : ToolOnEachCommand
{
    private readonly Option<bool> _force;

    internal RemoveImageCommand(string name)
        : base(name, "Remove images", "IMAGE") => _force = Flag("Also the name of one that containers are made of: they keep its content", "--force", "-f");

    internal override string Usage => "[-f] IMAGE…";

    internal override string Details => "A name goes; with its last one the image goes too, as far as no other shares its layers. By digest, all its names go.";

    internal override IReadOnlyList<Example> Examples => [new($"quilt {Name} app:1 app:2", "Two of them")];

    internal override ArgumentKind Completes => ArgumentKind.Image;

    protected override string Tool => "removeImage";

    protected override ToolArguments ArgumentsOf(Invocation call, string thing) => new ToolArguments().Add("image", thing).Add("force", call.Get(_force), unless: false);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        foreach (ToolAnswer gone in answer["untagged"].Items.Concat(answer["removed"].Items))
        {
            to.WriteLine(gone.Text);
        }
    }
}
