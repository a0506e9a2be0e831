using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Aria;

public sealed record LoadImageArguments
{
    [Description("An OCI image layout, or what docker save and podman save write; compressed or not.")]
    public ArchiveArguments? Archive { get; init; }

    [Description("Instead of an archive: the absolute path of a folder on the host with an OCI image layout, where your grant has that.")]
    public string? Folder { get; init; }
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
        Title = "Load images",
        Description = "Takes the images of an archive or layout in under the names that it has for them, as far as your grant covers those names. All of them or none.",
        Example = """{"archive": {"upload": "UPLOAD-ID"}}""",
        Level = SecurityLevel.Elevated,
        Idempotent = true,
    };

    protected override async Task<LoadImageResult> RunAsync(LoadImageArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        IReadOnlyList<StoredImage> images;
        if (arguments.Folder is { } path)
        {
            using FileDescriptor folder = arguments.Archive is null
                ? HostFile.OpenFolder(context.Caller.Agent, path, "folder")
                : throw QuiltException.Invalid("folder", "archive and folder are both given", "give one of them");
            images = await engine.Images.LoadFolderAsync(folder, TransferTelling.To(context.Progress), name => ImageAccess.RequireToBeNamed(context.Caller, name, "folder"), cancellation).ConfigureAwait(false);
        }
        else
        {
            await using Stream archive = (arguments.Archive ?? throw QuiltException.Invalid("archive", "there is nothing to load", "give archive or folder")).Open(context.Caller, transfers, "archive");
            images = await engine.Images.LoadAsync(archive, TransferTelling.To(context.Progress), name => ImageAccess.RequireToBeNamed(context.Caller, name, "archive"), cancellation).ConfigureAwait(false);
        }

        return new LoadImageResult { Images = [.. images.Select(ImageView.Of)] };
    }
}
