using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Blobs under their digests. One that is there is whole, on the disk, and was verified.</summary>
public sealed class BlobStore
{
    private const int BufferBytes = 128 * 1024;
    private const uint OwnerOnly = 0x180; // 0600
    private readonly string _folder, _ingest;

    internal BlobStore(string folder, string ingest)
    {
        _folder = Path.Combine(folder, "sha256");
        _ingest = ingest;
        Directory.CreateDirectory(_folder);
    }

    public bool Contains(Digest digest) => File.Exists(PathOf(digest));

    /// <exception cref="QuiltException">NotFound where the store does not have it.</exception>
    public FileStream OpenRead(Digest digest)
    {
        try
        {
            return new FileStream(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
        }
        catch (FileNotFoundException e)
        {
            throw new QuiltException(ErrorCode.NotFound, $"the blob {digest} is not in the image store", "import or pull the image again", inner: e);
        }
    }

    /// <summary>Reads a document whole, verified anew: a disk may have changed it.</summary>
    /// <param name="longest">In bytes; more is refused before it is read.</param>
    /// <exception cref="QuiltException">NotFound; InvalidArgument where digest or size are not as described.</exception>
    public byte[] ReadDocument(Descriptor descriptor, int longest)
    {
        using FileStream file = OpenRead(descriptor.Digest);
        if (file.Length != descriptor.Size || file.Length > longest)
        {
            throw Mismatch(descriptor, $"has {file.Length} bytes");
        }

        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        Digest actual = Digest.Compute(content);
        return actual == descriptor.Digest ? content : throw Mismatch(descriptor, $"has the digest {actual}");
    }

    /// <summary>Whether a document is here and is what its digest says: a damaged one is to be got again.</summary>
    internal bool HasSound(Descriptor descriptor, int longest)
    {
        try
        {
            return Contains(descriptor.Digest) && ReadDocument(descriptor, longest) is not null;
        }
        catch (QuiltException)
        {
            return false;
        }
    }

    /// <summary>Takes a small blob in. When it returns, the blob is on the disk.</summary>
    /// <exception cref="QuiltException">ResourceExhausted where the disk is full; nothing of it is left.</exception>
    internal async Task WriteAsync(Descriptor descriptor, byte[] content, CancellationToken cancellationToken)
    {
        if (Contains(descriptor.Digest))
        {
            return;
        }

        using IngestFolder ingest = IngestFolder.Create(_ingest);
        string temporary = ingest["blob"];
        try
        {
            await File.WriteAllBytesAsync(temporary, content, cancellationToken).ConfigureAwait(false);
            Adopt(temporary, descriptor.Digest);
        }
        catch (Exception e) when (DiskFull.Is(e))
        {
            throw StoreFull.Error(e);
        }
    }

    /// <summary>Takes in a file of the same file system whose content was verified. When it returns, the blob is on the disk.</summary>
    internal void Adopt(string file, Digest digest)
    {
        using (FileDescriptor content = Sys.Open(file, OpenMode.ReadOnly))
        {
            Sys.SetPermissions(content, OwnerOnly);
            Sys.Synchronize(content, "blob");
        }

        File.Move(file, PathOf(digest), overwrite: true);
        using FileDescriptor folder = Sys.Open(_folder, OpenMode.ReadOnly | OpenMode.Directory);
        Sys.Synchronize(folder, "blobs");
    }

    internal static QuiltException Mismatch(Descriptor expected, string actual) =>
        QuiltException.Invalid("digest", $"the blob {expected.Digest} of {expected.Size} bytes {actual}", "it was damaged or exchanged on its way; get it again");

    internal IEnumerable<Digest> All() => DigestNames.In(Directory.EnumerateFiles(_folder));

    /// <summary>In bytes; 0 where it is not here.</summary>
    internal long SizeOf(Digest digest) => new FileInfo(PathOf(digest)) is { Exists: true } file ? file.Length : 0;

    internal string PathOf(Digest digest) => Path.Combine(_folder, digest.Hex);
}
