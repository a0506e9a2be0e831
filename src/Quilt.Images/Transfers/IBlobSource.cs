using Quilt.Core;

namespace Quilt.Images;

/// <summary>Where blobs come from on their way into the store: a registry, an archive.</summary>
public interface IBlobSource
{
    /// <summary>Who gives them, such as a registry. Transfers from one origin go on with what each other brought; those from different ones have nothing to do with each other.</summary>
    string Origin { get; }

    /// <summary>
    /// The blob's content from a byte offset on (a resumed transfer). Cuts, back-off and redirects are the source's business: its
    /// stream goes on by itself until it gives up. What it gives is verified by the store.
    /// </summary>
    /// <param name="offset">0 to the blob's size, in bytes.</param>
    /// <exception cref="QuiltException">It gave up; also thrown by the stream's reads.</exception>
    Task<Stream> OpenAsync(Descriptor blob, long offset, CancellationToken cancellation);
}
