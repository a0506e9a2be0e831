using System.ComponentModel;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record TagImageArguments
{
    [Description("One that is here (listImages).")]
    public required string Image { get; init; }

    [Description("Its new name.")]
    public required string Reference { get; init; }
}

/// <summary>See <see cref="ImageStore.TagAsync"/>.</summary>
public sealed class TagImageTool(ContainerEngine engine) : Tool<TagImageArguments, ImageResult>
{
    public override ToolDefinition Definition { get; } = new("tagImage")
    {
        Title = "Give an image another name",
        Description = "The image has both names then. A name that another image had means this one from then on; containers of the other go on as they are.",
        Example = """{"image": "app:1", "reference": "registry.example:5000/team/app:1"}""",
        Level = SecurityLevel.Elevated,
        Idempotent = true,
    };

    protected override async Task<ImageResult> RunAsync(TagImageArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        StoredImage image = ImageAccess.Find(engine, context.Caller, arguments.Image, "image");
        ImageReference reference = ImageAccess.ToBeNamed(context.Caller, arguments.Reference, "reference");
        return new ImageResult { Image = ImageView.Of(await engine.Images.TagAsync(image.Reference, reference, cancellation).ConfigureAwait(false)) };
    }
}
