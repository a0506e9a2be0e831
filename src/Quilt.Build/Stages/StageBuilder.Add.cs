using System.Globalization;
using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

internal sealed partial class StageBuilder
{
    private static readonly IgnoreFile GitFolder = IgnoreFile.Read("--keep-git-dir", "/.git"u8);

    /// <summary>Brings something in from elsewhere and lays it out.</summary>
    /// <returns>What has to stay open until the layout is written.</returns>
    private async Task<IReadOnlyList<TreeSource>> FetchAsync(CopyPart part, RemoteAddress remote, CancellationToken cancellation)
    {
        if (!part.Copy.IsAdd)
        {
            throw part.Error("is not in the build's context", "use ADD for what comes from elsewhere");
        }

        if (remote.Address is null)
        {
            throw part.Error("cannot be fetched", remote.IsRepository ? "git is spoken over https and http alone; give the repository's https address" : "give a whole address without credentials, such as https://example.com/file");
        }

        if (_session.Services.Remote is not { } sources || !_session.Request.HasEgress)
        {
            throw part.Error("is elsewhere, and the build has no network", "grant the build egress, or put the file into its context");
        }

        string folder = _session.NewFolder();
        string checksum = part.Copy.Options.Checksum is { } word ? ExpanderOf(part.Copy).Word(word) : "";
        try
        {
            return remote.IsRepository
                ? [await CheckOutAsync(part, sources, remote, checksum, folder, cancellation).ConfigureAwait(false)]
                : await DownloadAsync(part, sources, remote, checksum, folder, cancellation).ConfigureAwait(false);
        }
        catch (QuiltException e)
        {
            throw part.Copy.Origin.At(part.Written, e);
        }
    }

    private static async Task<TreeSource> CheckOutAsync(CopyPart part, IRemoteSources sources, RemoteAddress remote, string checksum, string folder, CancellationToken cancellation)
    {
        GitCheckout checkout = await sources.CheckOutAsync(remote.Address!, remote.Reference, folder, part.Copy.Options.KeepGitFolder, cancellation).ConfigureAwait(false);
        if (checksum.Length > 0 && !(checksum.Length >= 7 && checkout.Commit.StartsWith(checksum, StringComparison.OrdinalIgnoreCase)))
        {
            throw part.Error($"has the commit {checkout.Commit}, and not {Text.Printable(checksum)}", "see what changed there, and give the commit that is meant");
        }

        TreeSource files = new([folder])
        {
            BelongsToRoot = true,
            Ignored = part.Copy.Options.KeepGitFolder ? IgnoreFile.Nothing : GitFolder,
            Time = new FileTime(checkout.CommittedAt.ToUnixTimeSeconds(), 0),
        };
        return new TreeCopy(part.Layout, files, part.Excluded, cancellation).TryCopy("/" + remote.Folder, part.Destination)
            ? files
            : throw part.Error($"has no '{Text.Printable(remote.Folder)}'", "give a folder of the repository behind '#REFERENCE:'");
    }

    private async Task<IReadOnlyList<TreeSource>> DownloadAsync(CopyPart part, IRemoteSources sources, RemoteAddress remote, string checksum, string folder, CancellationToken cancellation)
    {
        DateTimeOffset? modified = await sources.DownloadAsync(remote.Address!, folder, remote.FileName, cancellation).ConfigureAwait(false);
        string path = Path.Combine(folder, remote.FileName);
        if (checksum.Length > 0)
        {
            await VerifyAsync(part, path, checksum, cancellation).ConfigureAwait(false);
        }

        File.SetUnixFileMode(path, (UnixFileMode)DownloadMode);
        TreeSource file = new([folder]) { BelongsToRoot = true, Time = new FileTime(modified?.ToUnixTimeSeconds() ?? 0, 0) };
        if (part.Copy.Options.Unpack == true && await TryUnpackAsync(part, file, remote.FileName, cancellation).ConfigureAwait(false) is { } unpacked)
        {
            return [file, unpacked];
        }

        new TreeCopy(part.Layout, file, part.Excluded, cancellation).TryCopy(remote.FileName, part.Destination);
        return [file];
    }

    private static async Task VerifyAsync(CopyPart part, string path, string checksum, CancellationToken cancellation)
    {
        if (!Digest.TryParse(checksum, out Digest expected))
        {
            throw part.Copy.Origin.Error(part.Copy.Options.Checksum!.Value, $"'{Text.Printable(checksum)}' is not a digest", "give sha256: and 64 lower-case hexadecimal digits");
        }

        using FileStream file = File.OpenRead(path);
        Digest actual = Digest.OfSha256(await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false));
        if (actual != expected)
        {
            throw part.Error(string.Create(CultureInfo.InvariantCulture, $"has the digest {actual}, and not {expected}"), "see what changed there, and give the digest of what is meant");
        }
    }

    /// <summary>Unpacks a file of a tree, where it is an archive, and lays its files out.</summary>
    /// <returns>The archive's files; null where it is none.</returns>
    private async Task<TreeSource?> TryUnpackAsync(CopyPart part, TreeSource source, string path, CancellationToken cancellation)
    {
        using ImageTreeNode? node = source.Tree.TryFind(path);
        if (node?.Kind != FileKind.Regular || (node.Path.Length > 0 && source.Ignored.Ignores(node.Path)))
        {
            return null;
        }

        using Stream content = node.OpenRead();
        switch (ArchiveKind.Of(content))
        {
            case ArchiveContent.None:
                return null;
            case ArchiveContent.Unknown:
                throw part.Error("is compressed by bzip2 or xz, which is not unpacked here", "compress it by gzip or zstd, copy it as it is with COPY, or unpack it in a RUN");
            default:
                break;
        }

        // As a layer of its own: what a hostile archive can do was thought of there.
        content.Seek(0, SeekOrigin.Begin);
        StoredLayer unpacked = await _session.Services.Store.AddLayerAsync(_session.Lease, [], content, cancellation).ConfigureAwait(false);
        TreeSource files = new([unpacked.Folder]);
        string target = part.Destination.EndsWith('/') ? part.Destination : part.Destination + "/";
        new TreeCopy(part.Layout, files, part.Excluded, cancellation).TryCopy("/", target);
        return files;
    }
}
