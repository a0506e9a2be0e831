using Quilt.Core;

namespace Quilt.Images;

/// <summary>
/// Keeps from being collected what is acquired through it, whether it was there already or is written, until it is disposed.
/// Of this process: what a lease of a dead one kept is collected unless an image has it. Safe for use by many threads.
/// </summary>
public sealed class ImageLease : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<Digest> _held = [];
    private readonly LeaseBook _book;
    private bool _disposed;

    internal ImageLease(LeaseBook book) => _book = book;

    /// <summary>All that an image consists of.</summary>
    public void Hold(StoredImage image)
    {
        foreach (Digest digest in image.Parts.All())
        {
            Hold(digest);
        }
    }

    /// <summary>A layer's blob and its folder.</summary>
    public void Hold(StoredLayer layer)
    {
        Hold(layer.Blob.Digest);
        Hold(layer.ChainId);
    }

    internal void Hold(Digest digest)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_held.Add(digest))
            {
                _book.Hold(digest);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _disposed = true;
                _book.Release(_held);
            }
        }
    }
}
