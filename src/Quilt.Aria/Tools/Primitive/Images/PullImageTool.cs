using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Quilt.Engine;
using Quilt.Images;
using Quilt.Registry;

namespace Quilt.Aria;

public sealed record PullImageArguments
{
    [Description("As Docker writes it: debian:12 is Docker Hub's, registry.example:5000/team/app:1 another registry's, NAME@sha256:DIGEST exactly that one.")]
    public required string Reference { get; init; }

    [Description("OS/ARCHITECTURE[/VARIANT], such as linux/arm64; the host's where it is left out.")]
    public string? Platform { get; init; }

    [Description("always asks the registry whether there is another image by that name; missing does not where one is here; newer asks, and takes what is here where the registry cannot be reached.")]
    [AllowedValues("always", "missing", "newer")]
    [DefaultValue("always")]
    public string? Policy { get; init; }

    [Description("Who you are to the registry; left out: whoever the operator has set for it, or nobody.")]
    public RegistryCredentialsArguments? Credentials { get; init; }
}

public sealed record PullImageResult
{
    public required ImageView Image { get; init; }

    [Description("False: it was here already.")]
    public required bool IsNew { get; init; }

    [Description("Bytes that were fetched.")]
    public required long Bytes { get; init; }
    public required int Layers { get; init; }
    public required double DurationMs { get; init; }
}

/// <summary>Gets an image from a registry.</summary>
public sealed class PullImageTool(ContainerEngine engine, RegistryClient registries, SecretFolder secrets) : Tool<PullImageArguments, PullImageResult>
{
    public override ToolDefinition Definition { get; } = new("pullImage")
    {
        Title = "Pull an image",
        Description = "Gets an image from a registry, so that containers can be made of it. Only registries of your grant are asked. What is here already is not fetched again. Large images take as long as the network needs; progress is told.",
        Example = """{"reference": "debian:12"}""",
        Level = SecurityLevel.Elevated,
        Idempotent = true,
        OpenWorld = true,
    };

    protected override async Task<PullImageResult> RunAsync(PullImageArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        ImageReference reference = ImageAccess.Named(context.Caller, arguments.Reference, "reference");
        ImageAccess.RequireRegistry(context.Caller.Agent, reference, "reference");
        PulledImage pulled = await registries.PullAsync(
            engine.Images,
            new PullRequest
            {
                Reference = reference,
                Platform = string.IsNullOrEmpty(arguments.Platform) ? null : PlatformName.Parse(arguments.Platform),
                Policy = arguments.Policy switch { "missing" => PullPolicy.Missing, "newer" => PullPolicy.Newer, _ => PullPolicy.Always },
                Credential = arguments.Credentials?.Read(context.Caller.Agent, secrets),
            },
            TransferTelling.To(context.Progress), cancellation).ConfigureAwait(false);
        return new PullImageResult
        {
            Image = ImageView.Of(pulled.Image),
            IsNew = pulled.TransferredBytes > 0,
            Bytes = pulled.TransferredBytes,
            Layers = pulled.Image.Layers.Count,
            DurationMs = Stopwatch.GetElapsedTime(began).TotalMilliseconds,
        };
    }
}
