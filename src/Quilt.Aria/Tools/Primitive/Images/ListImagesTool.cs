using System.ComponentModel;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record ListImagesArguments
{
    [Description("Those alone whose name matches, with one '*' for any part: debian, registry.example:5000/*.")]
    public string? Reference { get; init; }
}

public sealed record ListImagesResult
{
    public required IReadOnlyList<ImageView> Images { get; init; }
}

/// <summary>Those that the caller's grant has.</summary>
public sealed class ListImagesTool(ContainerEngine engine) : Tool<ListImagesArguments, ListImagesResult>
{
    public override ToolDefinition Definition { get; } = new("listImages")
    {
        Title = "List images",
        Description = "The images that are here and that you may create containers of.",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ListImagesResult> RunAsync(ListImagesArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        IEnumerable<StoredImage> images = ImageAccess.Visible(engine, context.Caller);
        if (!string.IsNullOrEmpty(arguments.Reference))
        {
            images = images.Where(i => ImageAccess.Matches(arguments.Reference, i.Reference));
        }

        return Task.FromResult(new ListImagesResult { Images = [.. images.Select(ImageView.Of)] });
    }
}
