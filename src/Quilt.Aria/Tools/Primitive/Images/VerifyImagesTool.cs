using System.ComponentModel;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record VerifyImagesArguments
{
    [Description("This one alone; all that are here where it is left out.")]
    public string? Image { get; init; }
}

public sealed record VerifyImagesResult
{
    public required IReadOnlyList<ImageVerificationView> Images { get; init; }
}

public sealed record ImageVerificationView
{
    public required string Reference { get; init; }

    [Description("What was damaged or missing, and whether it was mended; empty where all was well.")]
    public required IReadOnlyList<string> Problems { get; init; }
}

/// <summary>See <see cref="ContainerEngine.VerifyImagesAsync"/>.</summary>
public sealed class VerifyImagesTool(ContainerEngine engine) : Tool<VerifyImagesArguments, VerifyImagesResult>
{
    public override ToolDefinition Definition { get; } = new("verifyImages")
    {
        Title = "Verify images",
        Description = "Reads images anew, all of their bytes, and tells which are not what their digests say. Takes as long as reading them does. A damaged blob is taken away: pulling the image again brings it anew. An unpacked layer that was changed, or is gone, is unpacked anew, unless something is made of it: remove that, and verify again.",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<VerifyImagesResult> RunAsync(VerifyImagesArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        IReadOnlyList<ImageReference>? asked = !string.IsNullOrEmpty(arguments.Image) ? [ImageAccess.Named(context.Caller, arguments.Image, "image")]
            : context.Caller.Agent.IsOperator ? null
            : [.. engine.Images.List().Select(i => i.Reference).Where(r => ImageAccess.Allows(context.Caller.Agent, r))];
        IReadOnlyList<ImageCheck> found = await engine.VerifyImagesAsync(asked, cancellation).ConfigureAwait(false);
        return new VerifyImagesResult
        {
            Images = [.. found.Select(v => new ImageVerificationView { Reference = v.Reference.ToString(), Problems = [.. v.Damages.Select(d => $"{d.What}: {d.Problem}")] })],
        };
    }
}
