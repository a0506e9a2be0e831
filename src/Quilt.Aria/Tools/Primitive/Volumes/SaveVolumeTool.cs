using System.ComponentModel;
using Quilt.Engine;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Aria;

public sealed record SaveVolumeResult
{
    [Description("Fetch the archive with GET /v1/downloads/ID or the gRPC call Download, once and within 15 minutes.")]
    public required string DownloadId { get; init; }
    public required long Bytes { get; init; }

    [Description("What the archive does not have, such as sockets, and why; at most 16 of them.")]
    public IReadOnlyList<string>? LeftOut { get; init; }
}

/// <summary>Backs a volume up.</summary>
public sealed class SaveVolumeTool(ContainerEngine engine, TransferFiles transfers) : Tool<VolumeArguments, SaveVolumeResult>
{
    public override ToolDefinition Definition { get; } = new("saveVolume")
    {
        Title = "Save a volume to an archive",
        Description = "Writes what is in a volume to a tar archive, with owners, permissions, times and links, and offers it for download. What is written to it meanwhile may be in it in part: stop or pause the containers that have it first where that matters.",
        Example = """{"volume": "data"}""",
    };

    protected override async Task<SaveVolumeResult> RunAsync(VolumeArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Volume volume = context.Caller.Volume(arguments.Volume);
        CopyReport? report = null;
        Task Write(Stream to, CancellationToken token) => engine.ReadVolumeAsync(volume.Id, async (folder, stop) => report = await FileThread.RunAsync(null, () =>
        {
            using LiveRoot root = new(Sys.Open(folder, OpenMode.Path | OpenMode.Directory));
            return new RootReader(root, null, stop).Pack("/", follow: false, to);
        }).ConfigureAwait(false), token);
        (string id, long bytes) = await transfers.OfferAsync(context.Caller, Write, cancellation).ConfigureAwait(false);
        return new SaveVolumeResult { DownloadId = id, Bytes = bytes, LeftOut = CopyFields.LeftOut(report!) };
    }
}
