using Quilt.Core;

namespace Quilt.Images;

/// <summary>A layer that was made and is not yet at its place; gone when disposed, but for what was moved there.</summary>
internal sealed record NewLayer(IngestFolder Ingest, Descriptor Blob, Digest DiffId, Digest ChainId) : IDisposable
{
    internal const string BlobName = "blob", FolderName = "layer";

    internal string BlobPath => Ingest[BlobName];

    internal string FolderPath => Ingest[FolderName];

    public void Dispose() => Ingest.Dispose();
}
