using System.Text;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Layers unpacked once, each in a folder that overlayfs takes as a lower one. A folder that is there is whole.</summary>
/// <remarks>
/// The name is the chain id (OCI image-spec, config): a layer is unpacked in sight of those below it, since an archive may
/// write through their links and leave their folders unmentioned.
/// </remarks>
internal sealed class LayerStore
{
    private readonly string _folder, _ingest;
    private readonly ImageStoreOptions _options;
    private readonly LayerUnpacker _unpacker;

    internal LayerStore(string folder, string ingest, ImageStoreOptions options)
    {
        _folder = folder;
        _ingest = ingest;
        _options = options;
        _unpacker = new LayerUnpacker(options.Unpacking);
        Directory.CreateDirectory(folder);
    }

    internal string PathOf(Digest chainId) => Path.Combine(_folder, chainId.Hex);

    internal bool Contains(Digest chainId) => Directory.Exists(PathOf(chainId));

    internal IEnumerable<Digest> All() => DigestNames.In(Directory.EnumerateDirectories(_folder));

    /// <summary>In bytes, unpacked; 0 where it is not here.</summary>
    internal long SizeOf(Digest chainId)
    {
        try
        {
            return LayerSize.Of(PathOf(chainId));
        }
        catch (Exception e) when (e is SyscallException { Errno: Errno.ENOENT } or DirectoryNotFoundException or FileNotFoundException)
        {
            return 0;
        }
    }

    /// <summary>The chain ids of an image's layers, lowest first.</summary>
    internal static IReadOnlyList<Digest> ChainIds(IReadOnlyList<Digest> diffIds)
    {
        List<Digest> chain = [];
        foreach (Digest diffId in diffIds)
        {
            chain.Add(ChainId(chain.Count == 0 ? null : chain[^1], diffId));
        }

        return chain;
    }

    /// <summary>The chain id of a layer on top of another; null where there is none below.</summary>
    internal static Digest ChainId(Digest? below, Digest diffId) =>
        below is { } parent ? Digest.Compute(Encoding.ASCII.GetBytes($"{parent} {diffId}")) : diffId;

    /// <summary>Unpacks a layer where it is not yet there.</summary>
    /// <param name="blob">Read to its end.</param>
    /// <param name="parents">Only its unpacking waits for them, and only where it has to.</param>
    /// <param name="verified">Ends when the blob is whole and verified; throws where it is not.</param>
    /// <exception cref="QuiltException">What <see cref="LayerUnpacker"/> refused. Nothing is left of it.</exception>
    internal async Task AddAsync(Digest chainId, Digest diffId, Stream blob, LowerLayers parents, Task verified, SpaceLimit.SpaceShare space, CancellationToken cancellation)
    {
        using IngestFolder ingest = IngestFolder.Create(_ingest);
        string temporary = MakeFolder(ingest);
        using (LayerStream stream = new(blob, _options.Unpacking, null, cancellation))
        {
            Unpack(stream, temporary, parents, space);
            if (stream.DiffId() is var actual && actual != diffId)
            {
                throw Malformed.Layer($"it unpacks to {actual} and should to {diffId}");
            }
        }

        await verified.ConfigureAwait(false);
        Adopt(temporary, chainId);
    }

    /// <summary>Compares a layer with what its blob unpacks to; null where it is the same.</summary>
    /// <param name="parents">Folders of the layers below, lowest first.</param>
    /// <param name="mend">Gets a folder as the layer's should be, which is gone afterwards unless it was moved; what it says is a part of the problem.</param>
    internal string? ProblemOf(Digest chainId, Digest diffId, Stream blob, IReadOnlyList<string> parents, Func<string, string> mend, CancellationToken cancellation)
    {
        using IngestFolder ingest = IngestFolder.Create(_ingest);
        string temporary = MakeFolder(ingest);
        using LayerStream stream = new(blob, _options.Unpacking, null, cancellation);
        Unpack(stream, temporary, new LowerLayers(parents, Task.CompletedTask), null);
        if (stream.DiffId() is var actual && actual != diffId)
        {
            return $"its blob unpacks to {actual}";
        }

        string? difference = Contains(chainId) ? FolderComparison.FirstDifference(temporary, PathOf(chainId), cancellation) : "it is not unpacked";
        return difference is null ? null : $"{difference}; {mend(temporary)}";
    }

    /// <summary>Makes a layer of an archive, as a blob and as a folder, both where they are nobody else's yet.</summary>
    internal NewLayer Make(IReadOnlyList<StoredLayer> below, Stream archive, SpaceLimit.SpaceShare space, CancellationToken cancellation)
    {
        IngestFolder ingest = IngestFolder.Create(_ingest);
        try
        {
            using LayerCompressor blob = new(ingest[NewLayer.BlobName], _options.Compression);
            using LayerStream stream = new(archive, _options.Unpacking, blob, cancellation);
            Unpack(stream, MakeFolder(ingest), new LowerLayers([.. below.Select(l => l.Folder)], Task.CompletedTask), space);
            Digest diffId = stream.DiffId();
            Descriptor written = blob.Finish();
            space.Take(written.Size);
            return new NewLayer(ingest, written, diffId, ChainId(below.Count == 0 ? null : below[^1].ChainId, diffId));
        }
        catch (Exception e)
        {
            ingest.Dispose();
            throw DiskFull.Is(e) ? StoreFull.Error(e) : e;
        }
    }

    /// <summary>Takes in a folder of the same file system. When it returns, the layer is on the disk.</summary>
    internal void Adopt(string unpacked, Digest chainId)
    {
        Synchronize(unpacked);
        try
        {
            Directory.Move(unpacked, PathOf(chainId));
        }
        catch (IOException) when (Contains(chainId))
        {
            return; // somebody else was faster, with the same content
        }

        SynchronizeNames();
    }

    /// <summary>Which layers there are is on the disk.</summary>
    internal void SynchronizeNames()
    {
        using FileDescriptor folder = Sys.Open(_folder, OpenMode.ReadOnly | OpenMode.Directory);
        Sys.Synchronize(folder, "layers");
    }

    /// <summary>What is in a folder of the store's file system is on the disk, and all else there.</summary>
    internal static void Synchronize(string unpacked)
    {
        using FileDescriptor opened = Sys.Open(unpacked, OpenMode.ReadOnly | OpenMode.Directory);
        Sys.SynchronizeFilesystem(opened, "layer");
    }

    private static string MakeFolder(IngestFolder ingest)
    {
        string path = ingest[NewLayer.FolderName];
        Sys.MakeDirectory(path, 0x1C0);
        return path;
    }

    private void Unpack(LayerStream archive, string folder, LowerLayers parents, SpaceLimit.SpaceShare? space)
    {
        try
        {
            _unpacker.Unpack(archive, folder, parents, space);
        }
        catch (Exception e) when (DiskFull.Is(e))
        {
            throw StoreFull.Error(e);
        }
    }
}
