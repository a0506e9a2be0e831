using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Aria;

public sealed record CopyFromContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id. It may run, be paused or stopped.")]
    public required string Container { get; init; }

    [Description("Absolute path in the container. With '/.' at its end, a folder's content without the folder itself.")]
    public required string Path { get; init; }

    [Description("content: a file's content is in the answer, links are followed. archive: a tar archive of the file or folder, to be downloaded.")]
    [AllowedValues("content", "archive")]
    [DefaultValue("content")]
    public string? As { get; init; }

    [Description("A folder of the host that it comes into, or the path that it gets, as cp has it; where your grant has that, not only for reading.")]
    public string? HostPath { get; init; }

    [Description("For content: from this byte on.")]
    [Range(0, long.MaxValue)]
    public long? Offset { get; init; }

    [Description("For content: so many bytes at most, 64 KiB where it is left out, at most 1 MiB.")]
    public ByteSize? Limit { get; init; }

    [Description("For an archive or hostPath: where path is a link, copy what it leads to.")]
    [DefaultValue(false)]
    public bool FollowLink { get; init; }
}

public sealed record CopyFromContainerResult
{
    [Description("The file's content.")]
    public string? Content { get; init; }

    [Description("What content is: text, or base64 where the bytes are no UTF-8.")]
    public string? Encoding { get; init; }

    [Description("There is more of the file: ask again with this offset.")]
    public long? NextOffset { get; init; }

    [Description("The file's size for content; else bytes of files that were copied, of an archive without its holes.")]
    public required long Bytes { get; init; }

    [Description("Files, folders and links.")]
    public required long Entries { get; init; }

    [Description("The file's permissions, in octal.")]
    public string? Mode { get; init; }

    [Description("The file's owner, as UID:GID.")]
    public string? Owner { get; init; }

    [Description("Fetch the archive with GET /v1/downloads/ID or the gRPC call Download, once and within 15 minutes.")]
    public string? DownloadId { get; init; }

    [Description("What was not copied, such as devices and sockets, and why; at most 16 of them.")]
    public IReadOnlyList<string>? LeftOut { get; init; }
}

/// <summary>See <see cref="RootReader"/>.</summary>
public sealed class CopyFromContainerTool(ContainerEngine engine, TransferFiles transfers) : Tool<CopyFromContainerArguments, CopyFromContainerResult>
{
    private const int UsualLimit = 64 << 10, MostLimit = 1 << 20;

    public override ToolDefinition Definition { get; } = new("copyFromContainer")
    {
        Title = "Copy files out of a container",
        Description = "Reads a file of a container that runs, is paused or stopped, or packs a file or folder into a tar archive; nothing is executed in it. A long file comes in parts: nextOffset says where the next one begins. Links are told as links, /proc and the like are left out.",
        Example = """{"container": "dev", "path": "/app/result.json"}""",
        Level = SecurityLevel.Limited,
        Idempotent = true,
    };

    protected override async Task<CopyFromContainerResult> RunAsync(CopyFromContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        string path = CopyFields.Path(arguments.Path);
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Use);
        if (arguments is { HostPath: null, As: null or "content" })
        {
            return await ReadAsync(record, path, arguments, cancellation).ConfigureAwait(false);
        }

        IProgress<CopyProgress>? progress = CopyTelling.To(context.Progress);
        Task<CopyReport> PackAsync(Stream to, CancellationToken token) => engine.UseFilesAsync(
            record.Id, (root, over) => new RootReader(root, progress, over).Pack(path, arguments.FollowLink, to), token);
        if (arguments.HostPath is { } hostPath)
        {
            using HostTree to = HostTree.OpenToWrite(context.Caller.Agent, hostPath, "hostPath");
            CopyReport? packed = null;
            CopyReport written = await StreamPipe.RunAsync(
                async (stream, token) => packed = await PackAsync(stream, token).ConfigureAwait(false),
                (archive, token) => to.UnpackAsync(archive, token),
                cancellation).ConfigureAwait(false);
            CopyReport read = packed!; // an archive that was read to its end was written to it
            return Told(written with { LeftOut = [.. read.LeftOut, .. written.LeftOut], LeftOutCount = read.LeftOutCount + written.LeftOutCount }, downloadId: null);
        }

        CopyReport? report = null;
        (string id, _) = await transfers.OfferAsync(context.Caller, async (to, token) => report = await PackAsync(to, token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        return Told(report!, id);
    }

    private async Task<CopyFromContainerResult> ReadAsync(ContainerRecord record, string path, CopyFromContainerArguments arguments, CancellationToken cancellation)
    {
        long offset = arguments.Offset ?? 0, limit = arguments.Limit?.Bytes ?? UsualLimit;
        if (limit is < 1 or > MostLimit)
        {
            throw QuiltException.Invalid("limit", $"a limit of {limit} bytes is out of bounds", $"give 1 to {MostLimit}, or ask for an archive");
        }

        (byte[] content, FileStatus status) = await engine.UseFilesAsync(
            record.Id, (root, over) => new RootReader(root, null, over).Read(path, offset, (int)limit), cancellation).ConfigureAwait(false);
        (string text, string encoding, int taken) = CopyFields.Text(content, isEnd: offset + content.Length >= (long)status.SizeBytes);
        return new CopyFromContainerResult
        {
            Content = text,
            Encoding = encoding,
            NextOffset = taken > 0 && offset + taken < (long)status.SizeBytes ? offset + taken : null,
            Bytes = (long)status.SizeBytes,
            Entries = 1,
            Mode = Convert.ToString((int)status.Permissions, 8).PadLeft(4, '0'),
            Owner = $"{status.Uid}:{status.Gid}",
        };
    }

    private static CopyFromContainerResult Told(CopyReport report, string? downloadId) =>
        new() { Entries = report.Entries, Bytes = report.Bytes, DownloadId = downloadId, LeftOut = CopyFields.LeftOut(report) };
}
