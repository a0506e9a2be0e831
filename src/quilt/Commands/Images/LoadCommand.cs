using System.CommandLine;

namespace Quilt.Cli;

internal sealed class LoadCommand : CliCommand
{
    private readonly Option<string?> _input;
    private readonly Option<bool> _quiet;

    internal LoadCommand()
        : base("load", "Read images from an archive")
    {
        _input = Value("FILE", "Read it here (else from stdin)", "--input", "-i");
        _quiet = Flag("Print digests alone", "--quiet", "-q");
    }

    internal override string Usage => "[-i FILE] [-q]";

    internal override string Details => "Takes what 'quilt save', 'docker save', 'podman save' and 'skopeo copy' write: an OCI image layout or docker's form, compressed or not.";

    internal override IReadOnlyList<Example> Examples => [new("quilt load -i app.tar", "From a file"), new("docker save app:1 | quilt load", "From docker")];

    internal override async Task<int> RunAsync(Invocation call)
    {
        string upload = await ArchiveInput.UploadAsync(call, call.Get(_input), "--input");
        ToolAnswer answer = await ToolCall.RunAsync(call, "loadImage", new ToolArguments().Add("archive", new ToolArguments().Add("upload", upload)));
        if (call.Json)
        {
            call.Out.WriteLine(answer.Indented);
        }
        else if (call.Get(_quiet))
        {
            foreach (ToolAnswer image in answer["images"].Items)
            {
                call.Out.WriteLine(image["digest"].Text);
            }
        }
        else
        {
            ImageRows.WriteNames(call.Out, answer["images"].Items);
        }

        return 0;
    }
}
