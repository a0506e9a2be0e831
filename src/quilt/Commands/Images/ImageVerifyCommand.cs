using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class ImageVerifyCommand : CliCommand
{
    private readonly Argument<string?> _image;

    internal ImageVerifyCommand()
        : base("image verify", "Check that images are what their digests say") => _image = OptionalWord("IMAGE");

    internal override string Usage => "[IMAGE]";

    internal override string Details => "Reads every byte anew. The exit code is 1 where one was damaged: what is here is mended from it, and 'quilt pull' gets the rest again.";

    internal override IReadOnlyList<Example> Examples => [new("quilt image verify", "All that are here")];

    internal override ArgumentKind Completes => ArgumentKind.Image;

    internal override async Task<int> RunAsync(Invocation call)
    {
        ToolAnswer answer = await ToolCall.RunAsync(call, "verifyImages", new ToolArguments().Add("image", call.Get(_image)));
        ToolAnswer[] images = [.. answer["images"].Items];
        if (call.Json)
        {
            call.Out.WriteLine(answer.Indented);
        }
        else
        {
            Style style = call.Streams.Style;
            foreach (ToolAnswer image in images)
            {
                string[] problems = [.. image["problems"].Items.Select(p => p.Text)];
                call.Out.WriteLine($"{image["reference"].Text}  {(problems.Length == 0 ? style.Good("ok") : style.Bad("damaged"))}");
                foreach (string problem in problems)
                {
                    call.Out.WriteLine($"  {Text.Escaped(problem)}");
                }
            }
        }

        return images.Any(i => i["problems"].Items.Any()) ? 1 : 0;
    }
}
