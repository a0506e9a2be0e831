namespace Quilt.Aria;

/// <summary>The place of one upload or download among its agent's.</summary>
internal sealed class TransferPlace(Quotas quotas, Agent agent) : IDisposable
{
    internal Agent Agent => agent;

    /// <summary>So far.</summary>
    internal long Bytes { get; set; }

    /// <exception cref="QuiltException">ResourceExhausted: it would be too much, and is not counted.</exception>
    internal void Grow(long bytes) => quotas.Grow(this, bytes);

    public void Dispose() => quotas.Leave(this);
}
