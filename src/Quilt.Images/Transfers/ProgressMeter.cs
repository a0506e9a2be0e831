namespace Quilt.Images;

/// <summary>Tells of one blob, not more often than a person can see. For one thread at a time.</summary>
public sealed class ProgressMeter(Descriptor blob, IProgress<TransferProgress>? progress)
{
    private const int IntervalMillis = 100;
    private long _toldAt = long.MinValue / 2;

    public void Enter(TransferStage stage, long bytes)
    {
        _toldAt = Environment.TickCount64;
        progress?.Report(new TransferProgress(blob, stage, bytes));
    }

    /// <summary>So many of its bytes are there.</summary>
    public void Move(long bytes)
    {
        if (progress is not null && Environment.TickCount64 - _toldAt >= IntervalMillis)
        {
            Enter(TransferStage.Transferring, bytes);
        }
    }
}
