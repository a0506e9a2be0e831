using System.ComponentModel;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record ImageArguments
{
    [Description("Its name, its digest, or the beginning of the digest.")]
    public required string Image { get; init; }
}

public sealed record InspectImageResult
{
    public required ImageView Image { get; init; }

    [Description("All names of it.")]
    public required IReadOnlyList<string> Names { get; init; }
    public string? Author { get; init; }
    public required ImageConfigView Config { get; init; }

    [Description("Lowest first.")]
    public required IReadOnlyList<ImageLayerView> Layers { get; init; }

    [Description("What it was made of, the earliest step first.")]
    public required IReadOnlyList<ImageHistoryView> History { get; init; }

    [Description("Names of your containers that are made of it.")]
    public required IReadOnlyList<string> Containers { get; init; }
}

[Description("How its containers run where nothing else is asked.")]
public sealed record ImageConfigView
{
    public required IReadOnlyList<string> Entrypoint { get; init; }
    public required IReadOnlyList<string> Command { get; init; }
    public required IReadOnlyDictionary<string, string> Env { get; init; }
    public required string WorkingDir { get; init; }
    public required string User { get; init; }
    public required string StopSignal { get; init; }

    [Description("What it says to listen on, such as 80/tcp; nothing is opened by it.")]
    public required IReadOnlyList<string> ExposedPorts { get; init; }
    public required IReadOnlyList<string> Volumes { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public ImageHealthcheckView? Healthcheck { get; init; }

    [Description("What builds on top of it do first.")]
    public required IReadOnlyList<string> OnBuild { get; init; }
    public required IReadOnlyList<string> Shell { get; init; }

    internal static ImageConfigView Of(ImageConfig config) => new()
    {
        Entrypoint = config.Entrypoint,
        Command = config.Cmd,
        Env = config.Env.Select(v => v.Split('=', 2)).Where(v => v.Length == 2).DistinctBy(v => v[0]).ToDictionary(v => v[0], v => v[1]),
        WorkingDir = config.WorkingDir,
        User = config.User,
        StopSignal = config.StopSignal,
        ExposedPorts = config.ExposedPorts,
        Volumes = config.Volumes,
        Labels = config.Labels,
        Healthcheck = config.Healthcheck is { } check ? ImageHealthcheckView.Of(check) : null,
        OnBuild = config.OnBuild,
        Shell = config.Shell,
    };
}

public sealed record ImageHealthcheckView
{
    private const double NanosecondsPerSecond = 1e9;

    [Description("NONE; CMD and a command; or CMD-SHELL and a shell's text.")]
    public required IReadOnlyList<string> Test { get; init; }

    [Description("Seconds; 0 is the default.")]
    public required double Interval { get; init; }
    public required double Timeout { get; init; }
    public required double StartPeriod { get; init; }
    public required double StartInterval { get; init; }
    public required int Retries { get; init; }

    internal static ImageHealthcheckView Of(ImageHealthcheck check) => new()
    {
        Test = check.Test ?? [],
        Interval = check.IntervalNanoseconds / NanosecondsPerSecond,
        Timeout = check.TimeoutNanoseconds / NanosecondsPerSecond,
        StartPeriod = check.StartPeriodNanoseconds / NanosecondsPerSecond,
        StartInterval = check.StartIntervalNanoseconds / NanosecondsPerSecond,
        Retries = check.Retries,
    };
}

public sealed record ImageLayerView
{
    [Description("Of the blob, as it is stored and sent.")]
    public required string Digest { get; init; }

    [Description("Of its uncompressed archive.")]
    public required string DiffId { get; init; }

    [Description("Bytes of the blob.")]
    public required long Size { get; init; }
}

public sealed record ImageHistoryView
{
    public DateTimeOffset? Created { get; init; }
    public required string CreatedBy { get; init; }
    public string? Comment { get; init; }
    public string? Author { get; init; }

    [Description("Bytes of the layer's blob; 0 where the step changed no files.")]
    public required long Size { get; init; }

    internal static ImageHistoryView Of(ImageHistoryRow step) => new()
    {
        Created = step.Created,
        CreatedBy = step.CreatedBy,
        Comment = step.Comment.Length > 0 ? step.Comment : null,
        Author = step.Author.Length > 0 ? step.Author : null,
        Size = step.BlobBytes,
    };
}

/// <summary>All that is known of an image.</summary>
public sealed class InspectImageTool(ContainerEngine engine) : Tool<ImageArguments, InspectImageResult>
{
    public override ToolDefinition Definition { get; } = new("inspectImage")
    {
        Title = "Inspect an image",
        Description = "How an image's containers run, what it consists of, how it was made and which of your containers are made of it.",
        Example = """{"image": "quilt/busybox"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<InspectImageResult> RunAsync(ImageArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        StoredImage image = ImageAccess.Find(engine, context.Caller, arguments.Image, "image");
        return Task.FromResult(new InspectImageResult
        {
            Image = ImageView.Of(image),
            Names = [.. ImageAccess.Visible(engine, context.Caller).Where(i => i.Digest == image.Digest).Select(i => i.Reference.ToString())],
            Author = image.Document.Author,
            Config = ImageConfigView.Of(image.Config),
            Layers = [.. image.Layers.Select(l => new ImageLayerView { Digest = l.Blob.Digest.ToString(), DiffId = l.DiffId.ToString(), Size = l.Blob.Size })],
            History = [.. engine.Images.HistoryOf(image).Reverse().Select(ImageHistoryView.Of)],
            Containers = [.. engine.All().Where(r => r.ImageDigest == image.Digest && context.Caller.MayUse(r)).Select(r => r.Name.Value)],
        });
    }
}
