using System.CommandLine;

namespace Quilt.Cli;

internal sealed class LoadCommand : ToolCommand
{
    private readonly Option<string?> _input;

    internal LoadCommand()
        : base("load", "Read images from an archive", "Print digests alone") => _input = Value("FILE|DIR", "Read it here (else from stdin); a folder is an OCI image layout on the daemon's host", "--input", "-i");

    internal override string Usage => "[-i FILE|DIR] [-q]";

    internal override string Details => "Takes what 'quilt save', 'docker save', 'podman save' and 'skopeo copy' write: an OCI image layout or docker's form, compressed or not.";

    internal override IReadOnlyList<Example> Examples => [new("quilt load -i app.tar", "From a file"), new("docker save app:1 | quilt load", "From docker")];

    protected override string Tool => "loadImage";

    internal override ToolArguments ArgumentsOf(Invocation call) => new();

    protected override async Task<ToolArguments> CompleteAsync(Invocation call, ToolArguments arguments) => call.Get(_input) is { } path && Directory.Exists(path)
        ? arguments.Add("folder", Path.GetFullPath(path))
        : await ArchiveInput.AddAsync(call, arguments, call.Get(_input), "--input");

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["images"].Items.Select(i => i["digest"].Text);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => ImageRows.WriteNames(to, answer["images"].Items);
}
