using Quilt.Images;

namespace Quilt.Aria;

/// <summary>Tells a call's listener of blobs on their way.</summary>
internal sealed class TransferTelling(IProgress<ToolProgress> to) : IProgress<TransferProgress>
{
    private const int ShortDigest = 12;

    internal static TransferTelling? To(IProgress<ToolProgress>? listener) => listener is null ? null : new TransferTelling(listener);

    public void Report(TransferProgress value)
    {
        string stage = value.Stage.ToString().ToLowerInvariant();
        string item = value.Blob.Digest.Hex[..ShortDigest];
        to.Report(new ToolProgress(value.Bytes, value.Blob.Size, $"{item} {stage}") { Item = item, Stage = stage });
    }
}
