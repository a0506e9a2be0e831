using System.Globalization;
using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

internal sealed partial class StageBuilder
{
    /// <summary>Brings something in from elsewhere and lays it out.</summary>
    /// <param name="opened">Keeps a source open until the layout is written.</param>
    private async Task FetchAsync(CopyPart part, RemoteAddress remote, Func<TreeSource, TreeSource> opened, CancellationToken cancellation)
    {
        if (!part.Copy.IsAdd)
        {
            throw part.Error("is not in the build's context", "use ADD for what comes from elsewhere");
        }

        if (remote.Address is null)
        {
            throw part.Error("cannot be fetched", remote.IsRepository ? "git is spoken over https and http alone; give the repository's https address" : "give a whole address without credentials, such as https://example.com/file");
        }

        if (_session.Helpers.Remote is not { } sources || _session.Request.Egress.Count == 0)
        {
            throw part.Error("is elsewhere, and the build has no network", "grant the build egress, or put the file into its context");
        }

        string folder = _session.NewFolder();
        string checksum = part.Copy.Options.Checksum is { } word ? ExpanderOf(part.Copy).Word(word) : "";
        try
        {
            await (remote.IsRepository
                ? CheckOutAsync(part, sources, remote, checksum, folder, opened, cancellation)
                : DownloadAsync(part, sources, remote, checksum, folder, opened, cancellation)).ConfigureAwait(false);
        }
        catch (QuiltException e)
        {
            throw part.Copy.Origin.At(part.Written, e);
        }
    }

    private static async Task CheckOutAsync(
        CopyPart part, IRemoteSources sources, RemoteAddress remote, string checksum, string folder, Func<TreeSource, TreeSource> opened, CancellationToken cancellation)
    {
        GitCheckout checkout = await sources.CheckOutAsync(remote.Address!, remote.Reference, folder, part.Copy.Options.KeepGitFolder, cancellation).ConfigureAwait(false);
        if (checksum.Length > 0 && !(checksum.Length >= 7 && checkout.Commit.StartsWith(checksum, StringComparison.OrdinalIgnoreCase)))
        {
            throw part.Error($"has the commit {checkout.Commit}, and not {Text.Printable(checksum)}", "see what changed there, and give the commit that is meant");
        }

        TreeSource files = opened(new TreeSource([folder]) { BelongsToRoot = true, Time = new FileTime(checkout.CommittedAt.ToUnixTimeSeconds(), 0) });
        if (!new TreeCopy(part.Layout, files, part.Excluded, cancellation).TryCopy("/" + remote.Folder, part.Destination))
        {
            throw part.Error($"has no '{Text.Printable(remote.Folder)}'", "give a folder of the repository behind '#REFERENCE:'");
        }
    }

    private async Task DownloadAsync(
        CopyPart part, IRemoteSources sources, RemoteAddress remote, string checksum, string folder, Func<TreeSource, TreeSource> opened, CancellationToken cancellation)
    {
        DateTimeOffset? modified = await sources.DownloadAsync(remote.Address!, folder, remote.FileName, cancellation).ConfigureAwait(false);
        string path = Path.Combine(folder, remote.FileName);
        if (checksum.Length > 0)
        {
            await VerifyAsync(part, path, checksum, cancellation).ConfigureAwait(false);
        }

        File.SetUnixFileMode(path, (UnixFileMode)DownloadMode);
        TreeSource file = opened(new TreeSource([folder]) { BelongsToRoot = true, Time = new FileTime(modified?.ToUnixTimeSeconds() ?? 0, 0) });
        if (part.Copy.Options.Unpack != true || !await TryUnpackAsync(part, file, remote.FileName, opened, cancellation).ConfigureAwait(false))
        {
            new TreeCopy(part.Layout, file, part.Excluded, cancellation).TryCopy(remote.FileName, part.Destination);
        }
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
    /// <returns>False where it is none.</returns>
    private async Task<bool> TryUnpackAsync(CopyPart part, TreeSource source, string path, Func<TreeSource, TreeSource> opened, CancellationToken cancellation)
    {
        using ImageTreeNode? node = source.Tree.TryFind(path);
        if (node?.Kind != FileKind.Regular || (node.Path.Length > 0 && source.Ignored.Ignores(node.Path)))
        {
            return false;
        }

        using Stream content = node.OpenRead();
        if (!ArchiveKind.IsArchive(content))
        {
            return false;
        }

        // As a layer of its own: what a hostile archive can do was thought of there.
        content.Seek(0, SeekOrigin.Begin);
        StoredLayer unpacked = await _session.Services.Store.AddLayerAsync(_session.Lease, [], content, cancellation).ConfigureAwait(false);
        TreeSource files = opened(new TreeSource([unpacked.Folder]));
        string target = part.Destination.EndsWith('/') ? part.Destination : part.Destination + "/";
        new TreeCopy(part.Layout, files, part.Excluded, cancellation).TryCopy("/", target);
        return true;
    }
}
