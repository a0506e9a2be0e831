using System.ComponentModel;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record RemoveImageArguments
{
    [Description("A name, which goes; or a digest, whose names all go.")]
    public required string Image { get; init; }

    [Description("Also where containers are made of it: they run on and keep what they need of it.")]
    [DefaultValue(false)]
    public bool Force { get; init; }
}

public sealed record RemoveImageResult
{
    [Description("Names that are gone.")]
    public required IReadOnlyList<string> Untagged { get; init; }

    [Description("Digests of images that are gone, having no name left.")]
    public required IReadOnlyList<string> Removed { get; init; }
    public required long FreedBytes { get; init; }
}

/// <summary>See <see cref="ContainerEngine.RemoveImageAsync"/>.</summary>
public sealed class RemoveImageTool(ContainerEngine engine) : Tool<RemoveImageArguments, RemoveImageResult>
{
    public override ToolDefinition Definition { get; } = new("removeImage")
    {
        Title = "Remove an image",
        Description = "Takes a name away, and with its last name the image, as far as no other image shares its layers. One that containers are made of is only untagged with force.",
        Example = """{"image": "app:1"}""",
        Level = SecurityLevel.Elevated,
        Destructive = true,
    };

    protected override async Task<RemoveImageResult> RunAsync(RemoveImageArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        StoredImage image = ImageAccess.Find(engine, context.Caller, arguments.Image, "image");
        bool byDigest = !ImageReference.TryParse(arguments.Image, out ImageReference named) || engine.Images.TryFind(named) is null || named.Digest is not null;
        foreach (StoredImage other in byDigest ? engine.Images.List().Where(i => i.Digest == image.Digest) : [])
        {
            ImageAccess.Require(context.Caller.Agent, other.Reference, "image");
        }

        Collected removed = await engine.RemoveImageAsync(byDigest ? image.Reference.ByDigest(image.Digest) : named, arguments.Force, context.Caller.MayUse, cancellation).ConfigureAwait(false);
        return new RemoveImageResult
        {
            Untagged = [.. removed.Names.Select(r => r.ToString())],
            Removed = [.. removed.Images.Select(d => d.ToString())],
            FreedBytes = removed.FreedBytes,
        };
    }
}
