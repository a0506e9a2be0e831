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
    private readonly LayerUnpacker _unpacker;

    internal LayerStore(string folder, string ingest, UnpackLimits limits)
    {
        _folder = folder;
        _ingest = ingest;
        _unpacker = new LayerUnpacker(limits);
        Directory.CreateDirectory(folder);
    }

    internal string PathOf(Digest chainId) => Path.Combine(_folder, chainId.Hex);

    internal bool Contains(Digest chainId) => Directory.Exists(PathOf(chainId));

    /// <summary>The chain ids of an image's layers, lowest first.</summary>
    internal static IReadOnlyList<Digest> ChainIds(IReadOnlyList<Digest> diffIds)
    {
        List<Digest> chain = [];
        foreach (Digest diffId in diffIds)
        {
            chain.Add(chain.Count == 0 ? diffId : Digest.Compute(Encoding.ASCII.GetBytes($"{chain[^1]} {diffId}")));
        }

        return chain;
    }

    /// <summary>Unpacks a layer where it is not yet there.</summary>
    /// <param name="parents">Folders of the layers below, lowest first.</param>
    /// <exception cref="QuiltException">What <see cref="LayerUnpacker"/> refused. Nothing is left of it.</exception>
    internal void Add(Digest chainId, Digest diffId, Stream blob, IReadOnlyList<string> parents, CancellationToken cancellationToken)
    {
        if (Contains(chainId))
        {
            return;
        }

        using IngestFolder ingest = IngestFolder.Create(_ingest);
        string temporary = ingest["layer"];
        Sys.MakeDirectory(temporary, 0x1C0);
        try
        {
            _unpacker.Unpack(blob, temporary, parents, diffId, cancellationToken);
            using FileDescriptor unpacked = Sys.Open(temporary, OpenMode.ReadOnly | OpenMode.Directory);
            Sys.SynchronizeFilesystem(unpacked, "layer");
        }
        catch (Exception e) when (DiskFull.Is(e))
        {
            throw DiskFull.Error(e);
        }

        try
        {
            Directory.Move(temporary, PathOf(chainId));
        }
        catch (IOException) when (Contains(chainId))
        {
            return; // somebody else was faster, with the same content
        }

        using FileDescriptor folder = Sys.Open(_folder, OpenMode.ReadOnly | OpenMode.Directory);
        Sys.Synchronize(folder, "layers");
    }
}
