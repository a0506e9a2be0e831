using System.ComponentModel;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record PruneImagesArguments
{
    [Description("Also images with a name that no container is made of.")]
    [DefaultValue(false)]
    public bool All { get; init; }

    [Description("What builds have kept for the next one, too.")]
    [DefaultValue(false)]
    public bool BuildCache { get; init; }
}

public sealed record PruneImagesResult
{
    [Description("Names, and digests of images that had none.")]
    public required IReadOnlyList<string> Removed { get; init; }
    public required long FreedBytes { get; init; }
}

/// <summary>See <see cref="ContainerEngine.PruneImagesAsync"/>.</summary>
public sealed class PruneImagesTool(ContainerEngine engine) : Tool<PruneImagesArguments, PruneImagesResult>
{
    public override ToolDefinition Definition { get; } = new("pruneImages")
    {
        Title = "Remove images that nobody needs",
        Description = "Removes images of your grant that no container is made of: those that have lost their name, or with all every one but the embedded quilt/busybox. Tells how much space that gave back.",
        Example = """{"all": true, "buildCache": true}""",
        Level = SecurityLevel.Elevated,
        Destructive = true,
    };

    protected override async Task<PruneImagesResult> RunAsync(PruneImagesArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        bool Unwanted(StoredImage image) =>
            ImageAccess.Allows(context.Caller.Agent, image.Reference) && image.Reference != ImageStore.Embedded && (arguments.All || image.IsDangling);
        Collected collected = await engine.PruneImagesAsync(Unwanted, arguments.BuildCache, cancellation).ConfigureAwait(false);
        return new PruneImagesResult { Removed = [.. collected.Names.Select(n => n.ToString()), .. collected.Images.Select(i => i.ToString())], FreedBytes = collected.FreedBytes };
    }
}
