using System.Text.Json;
using Quilt.Core;

namespace Quilt.Client;

public sealed partial class QuiltContainer
{
    /// <summary>Writes one file. It is there whole or not at all.</summary>
    /// <param name="path">Absolute, in the container.</param>
    public Task<CopyResult> WriteFileAsync(string path, ReadOnlyMemory<byte> content, CopyOptions? options = null, CancellationToken cancellationToken = default) => CopyAsync(
        Arguments(path, options) with { Content = Convert.ToBase64String(content.Span), Encoding = "base64" }, cancellationToken);

    /// <summary>Unpacks a tar archive, plain or compressed by gzip or zstd, in a folder that is there. The container may run or not.</summary>
    /// <param name="archive">Read to its end.</param>
    /// <exception cref="QuiltException">InvalidArgument: the archive is damaged or hostile; ResourceExhausted: no space. Entries before the failure are there, each whole.</exception>
    public async Task<CopyResult> CopyToAsync(string path, Stream archive, CopyOptions? options = null, CancellationToken cancellationToken = default)
    {
        using QuiltClient client = new(_calls, owns: false);
        string upload = await client.UploadAsync(archive, cancellationToken).ConfigureAwait(false);
        return await CopyAsync(Arguments(path, options) with { Archive = new UploadedArchive(upload) }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a tar archive of a file or folder, running or not. Holes stay holes.</summary>
    /// <param name="path">Absolute, in the container; one that ends with <c>/.</c> is a folder's content without the folder itself.</param>
    /// <param name="followLink">Where the path is a link, what it leads to.</param>
    public async Task<CopyResult> CopyFromAsync(string path, Stream to, bool followLink = false, CancellationToken cancellationToken = default)
    {
        using QuiltClient client = new(_calls, owns: false);
        JsonElement arguments = JsonSerializer.SerializeToElement(new CopyFromArguments(Id, path, "archive", followLink), ClientJson.Default.CopyFromArguments);
        CopyAnswer answer = Read(await client.CallToolAsync("copyFromContainer", arguments, null, cancellationToken).ConfigureAwait(false));
        await client.DownloadAsync(answer.DownloadId!, to, cancellationToken).ConfigureAwait(false);
        return Result(answer);
    }

    private CopyToArguments Arguments(string path, CopyOptions? options) => new(Id, path)
    {
        Owner = options?.Owner,
        KeepOwners = options?.KeepOwners ?? false,
        Mode = options?.Mode is { } mode ? Convert.ToString((int)mode, 8) : null,
        Parents = options?.MakeParents ?? false,
    };

    private async Task<CopyResult> CopyAsync(CopyToArguments arguments, CancellationToken cancellation)
    {
        using QuiltClient client = new(_calls, owns: false);
        return Result(Read(await client.CallToolAsync("copyToContainer", JsonSerializer.SerializeToElement(arguments, ClientJson.Default.CopyToArguments), null, cancellation).ConfigureAwait(false)));
    }

    private static CopyAnswer Read(JsonElement answer) =>
        answer.Deserialize(ClientJson.Default.CopyAnswer) ?? throw new QuiltException(ErrorCode.Internal, "quiltd answered a copy with null", "see quiltd's log");

    private static CopyResult Result(CopyAnswer answer) => new(answer.Entries, answer.Bytes, answer.LeftOut ?? []);
}
