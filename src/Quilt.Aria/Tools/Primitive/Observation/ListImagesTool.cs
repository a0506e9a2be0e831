using System.ComponentModel;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record ImageView
{
    public required string Reference { get; init; }
    public required string Digest { get; init; }

    [Description("Bytes.")]
    public required long Size { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
}

public sealed record ListImagesResult
{
    public required IReadOnlyList<ImageView> Images { get; init; }
}

/// <summary>Those that the caller's grant has.</summary>
public sealed class ListImagesTool(ContainerEngine engine) : Tool<NoArguments, ListImagesResult>
{
    public override ToolDefinition Definition { get; } = new("listImages")
    {
        Title = "List images",
        Description = "The images that are here and that you may create containers of.",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ListImagesResult> RunAsync(NoArguments arguments, ToolContext context, CancellationToken cancellation) => Task.FromResult(new ListImagesResult
    {
        Images = [.. Visible(engine, context.Caller).Select(i => new ImageView { Reference = i.Reference.ToString(), Digest = i.Digest.ToString(), Size = i.SizeBytes, CreatedAt = i.CreatedAt })],
    });

    public static IEnumerable<StoredImage> Visible(ContainerEngine engine, Caller caller) =>
        engine.Images.List().Where(i => caller.Agent.Chain.All(a => a.Config.Grant.Images is not { } images || images.Any(p => Workloads.AllowsImage(p, i.Reference))));
}
