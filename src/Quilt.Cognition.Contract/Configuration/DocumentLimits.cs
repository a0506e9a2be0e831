namespace Quilt.Cognition;

/// <summary>What the process that reads one document may use. It is killed where it takes more.</summary>
public sealed record DocumentLimits
{
    /// <summary>The managed heap's size at most, bytes; the runtime itself takes some 40 MiB beside it.</summary>
    public long MemoryBytes { get; set; } = 512L << 20;

    /// <summary>Processor time (RLIMIT_CPU), seconds.</summary>
    public int CpuSeconds { get; set; } = 20;

    /// <summary>Time from start to answer, seconds.</summary>
    public int WallSeconds { get; set; } = 30;

    /// <summary>The largest document, bytes; also the largest request.</summary>
    public int MaxDocumentBytes { get; set; } = 32 << 20;

    /// <summary>What the parts of a zipped document (DOCX, XLSX, PPTX) may come to unpacked, bytes.</summary>
    public long MaxUnpackedBytes { get; set; } = 256L << 20;

    /// <summary>The most text that one call returns, characters.</summary>
    public int MaxOutputChars { get; set; } = 262_144;
}
