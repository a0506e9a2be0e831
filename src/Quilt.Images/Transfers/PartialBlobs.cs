using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Blobs that are not all here: files under the keys of their transfers, which the next one goes on with.</summary>
internal sealed class PartialBlobs
{
    private const int BufferBytes = 256 << 10;
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);
    private readonly string _folder;
    private readonly BlobStore _blobs;

    internal PartialBlobs(string folder, BlobStore blobs)
    {
        (_folder, _blobs) = (folder, blobs);
        Directory.CreateDirectory(folder);
        RemoveAbandoned(new KeyedLocks<Digest>(), Age); // nobody is at work yet
    }

    /// <summary>Removes what nobody has gone on with.</summary>
    /// <param name="locks">Which a transfer takes while it is at work on a blob.</param>
    /// <returns>Bytes that are free again.</returns>
    internal long RemoveAbandoned(KeyedLocks<Digest> locks, TimeSpan age)
    {
        long freed = 0;
        foreach (FileInfo file in new DirectoryInfo(_folder).EnumerateFiles())
        {
            bool isBlob = DigestNames.TryParse(file.Name, out Digest key);
            using IDisposable? alone = isBlob ? locks.TryTake(key) : null;
            if (isBlob == (alone is not null) && TimeProvider.System.GetUtcNow() - file.LastWriteTimeUtc >= age)
            {
                freed += LengthOf(file);
                file.Delete();
            }
        }

        return freed;
    }

    /// <summary>Removes what is here of a blob that nobody will go on with.</summary>
    internal void Remove(Digest key) => File.Delete(PathOf(key));

    /// <param name="afresh">What is here of it is not gone on with.</param>
    internal SafeFileHandle Open(SharedBlob blob, bool afresh)
    {
        try
        {
            return File.OpenHandle(PathOf(blob.Key), afresh ? FileMode.Create : FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw StoreFull.Error(e);
        }
    }

    /// <summary>Fills a blob's file from where it ends, and takes it into the store when it is whole and verified.</summary>
    /// <param name="growing">Told of all that is there.</param>
    /// <exception cref="PartialDamagedException">What was here already was not the blob's beginning; it is gone.</exception>
    /// <exception cref="QuiltException">InvalidArgument where digest or size are not as described; what the source threw; ResourceExhausted where the disk is full.</exception>
    internal async Task FillAsync(SharedBlob shared, SafeFileHandle file, GrowingBlob growing, IBlobSource source, ProgressMeter meter, CancellationToken cancellation)
    {
        Descriptor blob = shared.Descriptor;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long here = await HashWhatIsHereAsync(blob, file, hash, buffer, growing, cancellation).ConfigureAwait(false);
            meter.Enter(TransferStage.Transferring, here);
            long total = await ReceiveAsync(shared, file, here, hash, buffer, growing, source, meter, cancellation).ConfigureAwait(false);
            Digest actual = Digest.OfSha256(hash.GetHashAndReset());
            if (total != blob.Size || actual != blob.Digest)
            {
                Remove(shared.Key);
                throw here > 0
                    ? new PartialDamagedException(shared.Key)
                    : BlobStore.Mismatch(blob, total != blob.Size ? $"has {total} bytes" : $"has the digest {actual}");
            }

            _blobs.Adopt(PathOf(shared.Key), blob.Digest);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw StoreFull.Error(e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (RandomAccess.GetLength(file) == 0)
            {
                Remove(shared.Key);
            }
        }
    }

    private static async Task<long> HashWhatIsHereAsync(Descriptor blob, SafeFileHandle file, IncrementalHash hash, byte[] buffer, GrowingBlob growing, CancellationToken cancellation)
    {
        long length = RandomAccess.GetLength(file);
        if (length > blob.Size)
        {
            RandomAccess.SetLength(file, length = 0);
        }

        long position = 0;
        while (position < length)
        {
            int count = await RandomAccess.ReadAsync(file, buffer, position, cancellation).ConfigureAwait(false);
            hash.AppendData(buffer, 0, count);
            growing.Grow(position += count);
        }

        return length;
    }

    private async Task<long> ReceiveAsync(
        SharedBlob shared, SafeFileHandle file, long position, IncrementalHash hash, byte[] buffer, GrowingBlob growing, IBlobSource source, ProgressMeter meter, CancellationToken cancellation)
    {
        Descriptor blob = shared.Descriptor;
        if (position == blob.Size)
        {
            return position;
        }

        try
        {
            Stream content = await source.OpenAsync(blob, position, cancellation).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable closing = content.ConfigureAwait(false);
            int count;
            while ((count = await content.ReadAsync(buffer.AsMemory(0, BufferBytes), cancellation).ConfigureAwait(false)) > 0)
            {
                if (position + count > blob.Size)
                {
                    Remove(shared.Key);
                    throw BlobStore.Mismatch(blob, "is longer");
                }

                await RandomAccess.WriteAsync(file, buffer.AsMemory(0, count), position, cancellation).ConfigureAwait(false);
                hash.AppendData(buffer, 0, count);
                growing.Grow(position += count);
                meter.Move(position);
            }
        }
        catch (QuiltException e) when (e.Code == ErrorCode.ResourceExhausted)
        {
            throw new SourceExhaustedException(e);
        }

        return position;
    }

    /// <summary>In bytes, all together.</summary>
    internal long Bytes() => new DirectoryInfo(_folder).EnumerateFiles().Sum(LengthOf);

    /// <summary>0 where a transfer has just taken it into the store.</summary>
    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    private string PathOf(Digest key) => Path.Combine(_folder, key.Hex);
}

/// <summary>A blob that was resumed is not what it should be; what was here of it may be at fault, so once more from the beginning.</summary>
internal sealed class PartialDamagedException(Digest key) : Exception
{
    /// <summary>Of <see cref="SharedBlob"/>.</summary>
    internal Digest Key => key;
}

/// <summary>Who brings a blob gives no more for now, such as a registry with a limit of its own: nothing is wrong with what is here.</summary>
internal sealed class SourceExhaustedException(QuiltException told) : Exception(told.Message, told);
