using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record SaveImageArguments
{
    [Description("Their names.")]
    [Items(1, 64)]
    public required IReadOnlyList<string> Images { get; init; }
}

public sealed record SaveImageResult
{
    [Description("Fetch the archive with GET /v1/downloads/ID or the gRPC call Download, once and within 15 minutes.")]
    public required string DownloadId { get; init; }
    public required long Bytes { get; init; }
}

/// <summary>See <see cref="ImageStore.SaveAsync"/>.</summary>
public sealed class SaveImageTool(ContainerEngine engine, TransferFiles transfers) : Tool<SaveImageArguments, SaveImageResult>
{
    public override ToolDefinition Definition { get; } = new("saveImage")
    {
        Title = "Save images to an archive",
        Description = "Writes images to one archive, an OCI image layout that docker and podman load too, and offers it for download.",
        Example = """{"images": ["app:1"]}""",
    };

    protected override async Task<SaveImageResult> RunAsync(SaveImageArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ImageReference[] images = [.. arguments.Images.Select(i => ImageAccess.Find(engine, context.Caller, i, "images").Reference).Distinct()];
        (string id, long bytes) = await transfers.OfferAsync(context.Caller, (to, token) => engine.Images.SaveAsync(images, to, token), cancellation).ConfigureAwait(false);
        return new SaveImageResult { DownloadId = id, Bytes = bytes };
    }
}
