using Quilt.Core;

namespace Quilt.Images;

/// <summary>The blobs of a layout.</summary>
internal sealed class LayoutSource(ILayoutFiles files) : IBlobSource
{
    public string Origin => "archive";

    public Task<Stream> OpenAsync(Descriptor blob, long offset, CancellationToken cancellation)
    {
        Stream stream = files.TryOpen(ImageLayout.PathOf(blob.Digest))
            ?? throw QuiltException.Invalid("archive", $"the blob {blob.Digest} is missing in it", "save the image anew, with all its layers");
        stream.Position = offset;
        return Task.FromResult(stream);
    }
}
