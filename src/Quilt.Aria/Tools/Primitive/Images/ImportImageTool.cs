using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record ImportImageArguments
{
    [Description("A root filesystem: a tar archive, compressed or not.")]
    public required ArchiveArguments Archive { get; init; }

    [Description("The image's name.")]
    public required string Reference { get; init; }

    [Description("How its containers run, as instructions of a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR.")]
    [Items(0, 256)]
    public IReadOnlyList<string>? Changes { get; init; }

    [Description("Kept in its history.")]
    public string? Message { get; init; }
}

/// <summary>See <see cref="ImageStore.ImportAsync"/>.</summary>
public sealed class ImportImageTool(ContainerEngine engine, TransferFiles transfers) : Tool<ImportImageArguments, ImageResult>
{
    public override ToolDefinition Definition { get; } = new("importImage")
    {
        Title = "Make an image of a root filesystem",
        Description = "Makes an image of one layer of an archive of files, such as mmdebstrap or docker export writes it.",
        Example = """{"archive": {"upload": "UPLOAD-ID"}, "reference": "debian:mine", "changes": ["CMD [\"bash\"]"]}""",
    };

    protected override async Task<ImageResult> RunAsync(ImportImageArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ImageReference reference = ImageAccess.ToBeNamed(context.Caller, arguments.Reference, "reference");
        await using Stream archive = arguments.Archive.Open(context.Caller, transfers, "archive");
        return new ImageResult { Image = ImageView.Of(await engine.ImportAsync(archive, reference, arguments.Changes ?? [], arguments.Message, cancellation).ConfigureAwait(false)) };
    }
}
