using System.CommandLine;

namespace Quilt.Cli;

internal sealed class RemoveImageCommand : CliCommand
{
    private readonly Argument<string[]> _images;
    private readonly Option<bool> _force;

    internal RemoveImageCommand()
        : base("rmi", "Remove images")
    {
        _images = Words("IMAGE");
        _force = Flag("Also the name of one that containers are made of: they keep its content", "--force", "-f");
    }

    internal override string Usage => "[-f] IMAGE...";

    internal override string Details => "A name goes; with its last one the image goes too, as far as no other shares its layers. By digest, all its names go.";

    internal override IReadOnlyList<Example> Examples => [new("quilt rmi app:1 app:2", "Two of them")];

    internal override ArgumentKind Completes => ArgumentKind.Image;

    internal override async Task<int> RunAsync(Invocation call)
    {
        foreach (string image in call.Get(_images)!)
        {
            ToolAnswer answer = await ToolCall.RunAsync(call, "removeImage", new ToolArguments().Add("image", image).Add("force", call.Get(_force), unless: false));
            if (call.Json)
            {
                call.Out.WriteLine(answer.Indented);
                continue;
            }

            foreach (ToolAnswer gone in answer["untagged"].Items.Concat(answer["removed"].Items))
            {
                call.Out.WriteLine(gone.Text);
            }
        }

        return 0;
    }
}
