using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

internal sealed partial class StageBuilder
{
    private const uint InlineMode = 0x1A4, DownloadMode = 0x180; // 0644, 0600

    private async Task CopyAsync(Instruction.Copy copy, CancellationToken cancellation)
    {
        Expander expander = ExpanderOf(copy);
        List<RawWord> written = [.. copy.Sources];
        List<string> sources = [.. written.Select(expander.Path)];
        string destination = expander.Path(copy.Destination);
        if (sources.Count + copy.Heredocs.Count > 1 && !destination.EndsWith('/') && destination is not "." and not "..")
        {
            throw copy.Origin.Error(copy.Destination, $"several files are to go to '{Text.Printable(destination)}'", $"end the destination with a slash: {Text.Printable(destination)}/");
        }

        // A slash at the end, or a dot, makes it a folder.
        bool isFolder = destination.Length == 0 || destination.EndsWith('/') || destination is "." or ".." || destination.EndsWith("/.", StringComparison.Ordinal);
        string target = SlashPath.Join(Config.WorkingDir ?? "/", destination);
        target += isFolder && target != "/" ? "/" : "";

        using ImageTree? below = copy.Options.Link ? null : ImageTree.Open(Folders);
        (uint, uint)? owner = copy.Options.Owner is { } name ? OwnerOf(expander, name) : null;
        PermissionChange? permissions = copy.Options.Permissions is { } mode ? PermissionsOf(expander, mode) : null;
        LayerLayout layout = new(below, owner, permissions, _session.MadeAt);
        IgnoreFile excluded = IgnoreFile.Of(copy.Options.Excluded.Select(e => e with { Text = expander.Word(e) }), copy.Origin);
        List<RemoteAddress?> remote = [.. sources.Select(RemoteAddress.TryParse)];
        List<TreeSource> opened = [];
        try
        {
            TreeSource? local = remote.Contains(null) ? Opened(await SourceOfAsync(copy.Options.From, copy.Origin, cancellation).ConfigureAwait(false)) : null;
            for (int i = 0; i < sources.Count; i++)
            {
                CopyPart part = new(copy, written[i], sources[i], target, layout, excluded);
                if (remote[i] is { } address)
                {
                    await FetchAsync(part, address, Opened, cancellation).ConfigureAwait(false);
                }
                else
                {
                    await CopyLocalAsync(part, local!, Opened, cancellation).ConfigureAwait(false);
                }
            }

            foreach (Heredoc heredoc in copy.Heredocs)
            {
                string content = expander.Content(heredoc);
                PutContent(layout, target, heredoc.Name, Encoding.UTF8.GetBytes(content), InlineMode);
            }

            string words = string.Join(' ', sources.Concat(copy.Heredocs.Select(h => $"<<{h.Name}")).Append(destination));
            await WriteLayoutAsync(copy.Keyword, layout, $"{copy.Keyword} {History(copy.Options, owner, permissions)}{words}", cancellation).ConfigureAwait(false);
        }
        finally
        {
            opened.ForEach(s => s.Dispose());
        }

        TreeSource Opened(TreeSource source)
        {
            opened.Add(source);
            return source;
        }
    }

    private static string History(CopyOptions options, (uint Uid, uint Gid)? owner, PermissionChange? permissions) =>
        (options.Parents ? "--parents " : "")
        + (options.Owner is null ? "" : string.Create(CultureInfo.InvariantCulture, $"--chown={owner?.Uid}:{owner?.Gid} "))
        + (permissions is null ? "" : $"--chmod={permissions} ");

    /// <summary>Makes a layer of what was laid out, or takes the one that the same files made before.</summary>
    private async Task WriteLayoutAsync(string kind, LayerLayout layout, string createdBy, CancellationToken cancellation)
    {
        if (layout.IsEmpty)
        {
            AddHistory(createdBy);
            return;
        }

        // Names, owners, permissions and contents, and not when a file was last changed.
        byte[] content = await Task.Run(() => Hash(layout, cancellation), cancellation).ConfigureAwait(false);
        using CacheKey key = new("copy");
        Digest address = key.Add(_session.Request.CacheScope).Add(kind).Add(ChainId).Add(Convert.ToHexStringLower(content)).Add(EpochText).Finish();
        (StoredLayer? layer, DateTimeOffset created) = await CachedAsync(address, mayReuse: true, async () =>
            await _session.Services.Store.AddLayerAsync(_session.Lease, _layers, (output, stop) => LayoutArchive.Write(layout, output, _session.Clamp, stop), cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        AddLayer(layer!, created, createdBy);
    }

    private string? EpochText => _session.Epoch?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static byte[] Hash(LayerLayout layout, CancellationToken cancellation)
    {
        using SHA256 hash = SHA256.Create();
        using (CryptoStream output = new(Stream.Null, hash, CryptoStreamMode.Write))
        {
            LayoutArchive.Write(layout, output, _ => default, cancellation);
        }

        return hash.Hash!;
    }

    private static void PutContent(LayerLayout layout, string destination, string name, ReadOnlyMemory<byte> content, uint mode)
    {
        name = string.Join('/', SlashPath.Names(name));
        string target = layout.Resolve(destination);
        bool isFolder = destination.EndsWith('/') || layout.KindAt(target) == FileKind.Folder;
        layout.PutContent(isFolder ? TreeCopy.Join(target, name) : target, content, mode);
    }

    /// <summary>Files of a stage, an image or a context; of the build's own context where none is named.</summary>
    private async Task<TreeSource> SourceOfAsync(RawWord? from, InstructionOrigin origin, CancellationToken cancellation)
    {
        StageBase named = from is { } word
            ? _session.Plan.Find(word.Text, _planned.Stage.Index, origin, word, allowsNumber: true)
            : new StageBase.Context(_session.Request.Context ?? throw origin.Error("the build has no context to copy from", "give one, or copy from a stage or an image with --from"));
        if (named is StageBase.Context { Files: BuildContext.Folder folder })
        {
            return new TreeSource([folder.Path]) { BelongsToRoot = true, Ignored = _session.IgnoreFileOf(folder) };
        }

        (List<StoredLayer> layers, _) = await FilesAsync(named, from!.Value.Text, cancellation).ConfigureAwait(false);
        return new TreeSource(layers.Count > 0 ? [.. layers.Select(l => l.Folder)] : [_session.Empty]);
    }

    /// <param name="opened">Keeps a source open until the layout is written.</param>
    private async Task CopyLocalAsync(CopyPart part, TreeSource source, Func<TreeSource, TreeSource> opened, CancellationToken cancellation)
    {
        TreeCopy copy = new(part.Layout, source, part.Excluded, cancellation);
        if (part.Copy.Options.Parents)
        {
            CopyParents(part, source, copy);
            return;
        }

        bool hasWildcards = Wildcards.HasAny(part.Text);
        IReadOnlyList<string> paths = hasWildcards
            ? Wildcards.Match(source, "", part.Text) ?? throw part.Error("is not a pattern", "close what '[' opens, and put something behind '\\'")
            : [Wildcards.Unescape(part.Text)];
        foreach (string path in paths)
        {
            bool isUnpacked = (part.Copy.Options.Unpack ?? part.Copy.IsAdd) && await TryUnpackAsync(part, source, path, opened, cancellation).ConfigureAwait(false);
            if (!isUnpacked && !copy.TryCopy(path, part.Destination))
            {
                throw NotThere(part, source, path);
            }
        }
    }

    private static void CopyParents(CopyPart part, TreeSource source, TreeCopy copy)
    {
        // What stands before '/./' is not kept.
        int pivot = part.Text.IndexOf("/./", StringComparison.Ordinal);
        string start = pivot < 0 ? "" : part.Text[..pivot], pattern = pivot < 0 ? part.Text : part.Text[(pivot + 3)..];
        string from = source.Tree.ResolvePath(Wildcards.Unescape(start));
        IReadOnlyList<string> paths = Wildcards.Match(source, from, pattern) ?? throw part.Error("is not a pattern", "close what '[' opens, and put something behind '\\'");
        if (paths.Count == 0 && !Wildcards.HasAny(pattern))
        {
            throw NotThere(part, source, Wildcards.Unescape(part.Text));
        }

        foreach (string path in paths)
        {
            copy.CopyWithParents(from, path, part.Destination);
        }
    }

    private static QuiltException NotThere(CopyPart part, TreeSource source, string path)
    {
        string cleaned = string.Join('/', SlashPath.Names(path));
        using ImageTreeNode? there = source.Tree.TryFind(path);
        return there is not null
            ? part.Error("is ignored", "take it out of the .dockerignore, or copy something else", cleaned)
            : part.Error("is not there", part.Copy.Options.From is null ? "paths are relative to the build's context, and nothing outside it can be copied" : "paths are from the root of what --from names", cleaned);
    }

    private (uint, uint) OwnerOf(Expander expander, RawWord word)
    {
        string text = expander.Word(word);
        try
        {
            ImageUser user = UserLookup.Find(Folders, text);

            // A number alone is the group's too, as Docker has it.
            bool isNumber = text.Length > 0 && text.All(char.IsAsciiDigit);
            return (user.Uid, isNumber ? user.Uid : user.Gid);
        }
        catch (QuiltException e)
        {
            throw expander.Origin.Error(word, e.Message, "give a user of the image, or numbers such as 1000:1000");
        }
    }

    private static PermissionChange PermissionsOf(Expander expander, RawWord word)
    {
        string text = expander.Word(word);
        return PermissionChange.TryParse(text) ?? throw expander.Origin.Error(word, $"'{Text.Printable(text)}' are no permissions", "give an octal number up to 07777, or clauses such as u=rwX,go=rX");
    }

    private async Task SetWorkingDirectoryAsync(Instruction.WorkingDirectory directory, CancellationToken cancellation)
    {
        string path = SlashPath.Join(Config.WorkingDir ?? "/", ExpanderOf(directory).Path(directory.Path));
        Config = Config with { WorkingDir = path };
        using ImageTree below = ImageTree.Open(Folders);
        LayerLayout layout = new(below, owner: null, permissions: null, _session.MadeAt);
        layout.MakeFolders(layout.Resolve(path));
        await WriteLayoutAsync("WORKDIR", layout, $"WORKDIR {path}", cancellation).ConfigureAwait(false);
    }

    /// <summary>One source of a COPY or ADD.</summary>
    /// <param name="Text">Expanded.</param>
    private sealed record CopyPart(Instruction.Copy Copy, RawWord Written, string Text, string Destination, LayerLayout Layout, IgnoreFile Excluded)
    {
        internal QuiltException Error(string what, string remedy, string? path = null) =>
            Copy.Origin.Error(Written, $"'{Core.Text.Printable(path ?? Text)}' {what}", remedy);
    }
}
