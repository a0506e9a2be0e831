using System.ComponentModel;
using System.Diagnostics;
using Quilt.Engine;
using Quilt.Images;
using Quilt.Registry;

namespace Quilt.Aria;

public sealed record PushImageArguments
{
    [Description("One that is here (listImages).")]
    public required string Image { get; init; }

    [Description("Under which name, with its registry; the image's own where it is left out.")]
    public string? Reference { get; init; }

    [Description("Who you are to the registry; left out: whoever the operator has set for it, or nobody.")]
    public RegistryCredentialsArguments? Credentials { get; init; }
}

public sealed record PushImageResult
{
    public required string Reference { get; init; }
    public required string Digest { get; init; }

    [Description("Bytes that were sent; layers that the registry had are not.")]
    public required long Bytes { get; init; }
    public required double DurationMs { get; init; }
}

/// <summary>Brings an image to a registry.</summary>
public sealed class PushImageTool(ContainerEngine engine, RegistryClient registries, SecretFolder secrets) : Tool<PushImageArguments, PushImageResult>
{
    public override ToolDefinition Definition { get; } = new("pushImage")
    {
        Title = "Push an image",
        Description = "Brings an image to a registry of your grant. Whatever had that name there means this image from then on. Layers that the registry has are not sent.",
        Example = """{"image": "app:1", "reference": "registry.example:5000/team/app:1"}""",
        Level = SecurityLevel.Elevated,
        Idempotent = true,
        OpenWorld = true,
    };

    protected override async Task<PushImageResult> RunAsync(PushImageArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        StoredImage image = ImageAccess.Find(engine, context.Caller, arguments.Image, "image");
        ImageReference target = string.IsNullOrEmpty(arguments.Reference) ? image.Reference : ImageReference.Parse(arguments.Reference, "reference");
        ImageAccess.RequireRegistry(context.Caller.Agent, target, "reference");
        PushRequest request = new() { Source = image.Reference, Target = target, Credential = arguments.Credentials?.Read(context.Caller.Agent, secrets) };
        PushedImage pushed = await registries.PushAsync(engine.Images, request, TransferTelling.To(context.Progress), cancellation).ConfigureAwait(false);
        return new PushImageResult { Reference = target.ToString(), Digest = pushed.Digest.ToString(), Bytes = pushed.TransferredBytes, DurationMs = Stopwatch.GetElapsedTime(began).TotalMilliseconds };
    }
}
