using System.Buffers;
using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Blobs under their digests. One that is there is whole, on the disk, and was verified.</summary>
public sealed class BlobStore
{
    private const int BufferBytes = 128 * 1024;
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

    /// <summary>Takes a blob in. When it returns, the blob is on the disk; where it throws, nothing of it is left.</summary>
    /// <param name="content">Read to its end, or until it is longer than described.</param>
    /// <exception cref="QuiltException">InvalidArgument where digest or size are not as described; ResourceExhausted where the disk is full.</exception>
    public async Task WriteAsync(Descriptor descriptor, Stream content, CancellationToken cancellationToken)
    {
        if (Contains(descriptor.Digest))
        {
            return;
        }

        using IngestFolder ingest = IngestFolder.Create(_ingest);
        string temporary = ingest["blob"];
        try
        {
            await CopyVerifiedAsync(descriptor, content, temporary, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw DiskFull.Error(e);
        }

        File.Move(temporary, PathOf(descriptor.Digest), overwrite: true);
        using FileDescriptor folder = Sys.Open(_folder, OpenMode.ReadOnly | OpenMode.Directory);
        Sys.Synchronize(folder, "blobs");
    }

    public Task WriteAsync(Descriptor descriptor, byte[] content, CancellationToken cancellationToken) =>
        WriteAsync(descriptor, new MemoryStream(content, writable: false), cancellationToken);

    private static async Task CopyVerifiedAsync(Descriptor descriptor, Stream content, string path, CancellationToken cancellationToken)
    {
        FileStream file = new(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        await using (file.ConfigureAwait(false))
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                int count;
                long total = 0;
                while ((count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    total += count;
                    if (total > descriptor.Size)
                    {
                        throw Mismatch(descriptor, "is longer");
                    }

                    hash.AppendData(buffer, 0, count);
                    await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                }

                Digest actual = Digest.OfSha256(hash.GetHashAndReset());
                if (total != descriptor.Size || actual != descriptor.Digest)
                {
                    throw Mismatch(descriptor, total != descriptor.Size ? $"has {total} bytes" : $"has the digest {actual}");
                }

                file.Flush(flushToDisk: true);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private string PathOf(Digest digest) => Path.Combine(_folder, digest.Hex);

    private static QuiltException Mismatch(Descriptor expected, string actual) =>
        QuiltException.Invalid("digest", $"the blob {expected.Digest} of {expected.Size} bytes {actual}", "it was damaged or exchanged on its way; get it again");
}
