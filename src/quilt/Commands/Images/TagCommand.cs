using System.CommandLine;

namespace Quilt.Cli;

internal sealed class TagCommand : ToolCommand
{
    private readonly Argument<string> _image, _reference;

    internal TagCommand()
        : base("tag", "Give an image another name")
    {
        _image = Word("IMAGE");
        _reference = Word("REFERENCE");
    }

    internal override string Usage => "IMAGE REFERENCE";

    internal override IReadOnlyList<Example> Examples => [new("quilt tag app:1 registry.example:5000/team/app:1", "So that 'quilt push' knows where to")];

    internal override ArgumentKind Completes => ArgumentKind.Image;

    protected override string Tool => "tagImage";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("image", call.Get(_image)).Add("reference", call.Get(_reference));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => ImageRows.WriteNames(to, [answer["image"]]);
}
