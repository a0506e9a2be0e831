using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;

namespace Quilt.Aria;

public sealed record BuildImageArguments
{
    [Description("The files that COPY and ADD take. Left out: none.")]
    public BuildContextArguments? Context { get; init; }

    [Description("Further files and images, by names that FROM, COPY --from and RUN --mount take: one goes before a stage or an image of its name.")]
    [Items(0, 64)]
    public IReadOnlyDictionary<string, NamedContextArguments>? NamedContexts { get; init; }

    [Description("The Dockerfile's name in the context; Dockerfile where it is left out.")]
    public string? Dockerfile { get; init; }

    [Description("The Dockerfile itself, instead of one in the context.")]
    public string? DockerfileText { get; init; }

    [Description("Names that the image gets. Left out: quilt/build/AGENT:DIGITS, which is yours alone.")]
    [Items(0, 64)]
    public IReadOnlyList<string>? Tags { get; init; }

    [Description("The stage that is built; the last one where it is left out.")]
    public string? Target { get; init; }

    [Description("Values for ARG. They are kept in the image's history: secrets belong in secrets.")]
    public IReadOnlyDictionary<string, string>? BuildArgs { get; init; }

    [Description("For RUN --mount=type=secret, by their ids. They are in memory only, and never in the image.")]
    [Sensitive]
    public IReadOnlyDictionary<string, string>? Secrets { get; init; }

    [Description("As secrets, each by the name of one that the operator keeps and your grant has: the step sees it, you need not.")]
    public IReadOnlyDictionary<string, string>? NamedSecrets { get; init; }

    [Description("For RUN --mount=type=ssh, by their ids: the absolute path of an ssh agent's socket on the host, where your grant has that.")]
    public IReadOnlyDictionary<string, string>? Ssh { get; init; }

    [Description("Set on the image.")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [Description("Where RUN and ADD may go outside, as far as your grant allows it: TO:PORT each, such as deb.debian.org:80. Nowhere where it is left out.")]
    [Items(0, 256)]
    public IReadOnlyList<string>? Egress { get; init; }

    [Description("Of each step: bytes, or a text such as \"2GiB\"; 1 GiB where it is left out.")]
    public ByteSize? Memory { get; init; }

    [Description("CPU cores of each step, such as 1.5. Left out: no limit of its own.")]
    public double? Cpus { get; init; }

    [Description("Do every step anew.")]
    [DefaultValue(false)]
    public bool NoCache { get; init; }

    [Description("Also offer the result for download: archive is an OCI image layout, files a tar of its files.")]
    [AllowedValues("archive", "files")]
    public string? Output { get; init; }
}

public record BuildContextArguments
{
    [Description("Small files themselves: their text by their paths, such as {\"app/main.py\": \"print(1)\"}.")]
    [Items(1, 1024)]
    public IReadOnlyDictionary<string, string>? Files { get; init; }

    [Description("The id of an upload: a tar archive, compressed or not.")]
    public string? Upload { get; init; }

    [Description("A tar archive in base64, where it is small.")]
    public string? Archive { get; init; }

    [Description("The absolute path of a folder on the host, where your grant has that.")]
    public string? Path { get; init; }
}

public sealed record NamedContextArguments : BuildContextArguments
{
    [Description("An image, instead of files.")]
    public string? Image { get; init; }
}

public sealed record BuildImageResult
{
    public required ImageView Image { get; init; }
    public required IReadOnlyList<string> Names { get; init; }
    public required IReadOnlyList<BuildStepView> Steps { get; init; }

    [Description("What the steps wrote; of a long log its beginning and its end.")]
    public required string Log { get; init; }

    [Description("What is doubtful in the Dockerfile.")]
    public required IReadOnlyList<string> Warnings { get; init; }

    [Description("Where output was asked for: fetch it with GET /v1/downloads/ID or the gRPC call Download, once and within 15 minutes.")]
    public string? DownloadId { get; init; }
    public required double DurationMs { get; init; }
}

public sealed record BuildStepView
{
    [Description("Such as [build 2/5].")]
    public required string Step { get; init; }
    public required string Instruction { get; init; }

    [Description("It was done before and not again.")]
    public required bool Cached { get; init; }
    public required double DurationMs { get; init; }
}

/// <summary>See <see cref="ImageBuilds"/>.</summary>
public sealed class BuildImageTool(ImageBuilds builds) : Tool<BuildImageArguments, BuildImageResult>
{
    public override ToolDefinition Definition { get; } = new("buildImage")
    {
        Title = "Build an image",
        Description = "Builds an image of a Dockerfile: every instruction, several stages, build arguments, cache, secret and bind mounts. Its steps run in containers of yours, within your limits, and reach no network unless egress names where. A step that fails is told with its exit code and last lines, a mistake in the Dockerfile with its line. What was done before is not done again.",
        Example = """{"tags": ["app:1"], "dockerfileText": "FROM quilt/busybox\nCOPY run /srv/run\nCMD [\"/srv/run\"]", "context": {"files": {"run": "#!/bin/sh\necho hello\n"}}}""",
    };

    protected override Task<BuildImageResult> RunAsync(BuildImageArguments arguments, ToolContext context, CancellationToken cancellation) =>
        builds.BuildAsync(context.Caller, arguments, context.Progress, cancellation);
}
