using System.Collections.Concurrent;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Registry;

/// <summary>The blobs of one image, from wherever they can be had: what was read already, the mirrors, the registry.</summary>
/// <param name="repositories">The first that has a blob gives it.</param>
internal sealed class RegistryBlobSource(IReadOnlyList<RepositoryConnection> repositories, TransferPolicy policy) : IBlobSource
{
    private readonly ConcurrentDictionary<Digest, byte[]> _known = new();
    private readonly ConcurrentDictionary<Digest, byte> _opened = new();
    private long _bytes;

    public string Origin { get; } = string.Join(' ', repositories.Select(r => r.Registry));

    /// <summary>That came over the wire, of blobs; what came twice counts twice.</summary>
    internal long TransferredBytes => Interlocked.Read(ref _bytes);

    internal bool HasOpened(Digest digest) => _opened.ContainsKey(digest);

    /// <summary>The same blobs from the next place on: where one turned out to be wrong, that may have it right.</summary>
    /// <returns>False where there is no other place.</returns>
    internal bool TryPreferOthers()
    {
        bool hasOthers = repositories.Count > 1;
        repositories = hasOthers ? [.. repositories.Skip(1), repositories[0]] : repositories;
        return hasOthers;
    }

    /// <summary>A document that was read and verified.</summary>
    internal void Add(Descriptor descriptor, byte[] content) => _known[descriptor.Digest] = content;

    public async Task<Stream> OpenAsync(Descriptor blob, long offset, CancellationToken cancellation)
    {
        if (_known.TryGetValue(blob.Digest, out byte[]? content))
        {
            return new MemoryStream(content, (int)offset, content.Length - (int)offset, writable: false);
        }

        _opened.TryAdd(blob.Digest, 0);
        BlobStream stream = new(repositories, blob, offset, policy, count => Interlocked.Add(ref _bytes, count));
        try
        {
            await stream.BeginAsync(cancellation).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
