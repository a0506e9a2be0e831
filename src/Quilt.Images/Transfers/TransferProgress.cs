namespace Quilt.Images;

/// <summary>How far a blob is.</summary>
public enum TransferStage
{
    /// <summary>Others are transferred before it.</summary>
    Waiting,
    Transferring,

    /// <summary>A layer that is whole and being unpacked.</summary>
    Unpacking,
    Done,

    /// <summary>It was here already.</summary>
    Present,
}

/// <summary>What has become of one blob so far. Told some ten times a second for each blob at most, and at each change of its stage.</summary>
/// <param name="Bytes">Of the blob's size.</param>
public readonly record struct TransferProgress(Descriptor Blob, TransferStage Stage, long Bytes);
