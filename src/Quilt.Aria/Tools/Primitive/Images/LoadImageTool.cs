using System.ComponentModel;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record LoadImageArguments
{
    [Description("An OCI image layout, or what docker save and podman save write; compressed or not.")]
    public required ArchiveArguments Archive { get; init; }
}

public sealed record LoadImageResult
{
    public required IReadOnlyList<ImageView> Images { get; init; }
}

/// <summary>See <see cref="ImageStore.LoadAsync"/>.</summary>
public sealed class LoadImageTool(ContainerEngine engine, TransferFiles transfers) : Tool<LoadImageArguments, LoadImageResult>
{
    public override ToolDefinition Definition { get; } = new("loadImage")
    {
        Title = "Load images from an archive",
        Description = "Takes the images of an archive in under the names that it has for them, as far as your grant covers those names. All of them or none.",
        Example = """{"archive": {"upload": "UPLOAD-ID"}}""",
        Level = SecurityLevel.Elevated,
        Idempotent = true,
    };

    protected override async Task<LoadImageResult> RunAsync(LoadImageArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        await using Stream archive = arguments.Archive.Open(context.Caller, transfers, "archive");
        IReadOnlyList<StoredImage> images = await engine.Images.LoadAsync(archive, TransferTelling.To(context.Progress), name => ImageAccess.RequireToBeNamed(context.Caller, name, "archive"), cancellation).ConfigureAwait(false);
        return new LoadImageResult { Images = [.. images.Select(ImageView.Of)] };
    }
}
