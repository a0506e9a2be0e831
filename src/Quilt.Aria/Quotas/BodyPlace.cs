namespace Quilt.Aria;

/// <summary>The place of a request's body while it is read. A small one has none: it takes no more than its request does anyway.</summary>
/// <param name="whose">Asked once, when it is no longer small.</param>
public sealed class BodyPlace(Quotas quotas, Func<Agent> whose) : IDisposable
{
    private const long Small = 16 << 10;
    private readonly Lock _lock = new();
    private Agent? _agent;
    private long _held;
    private bool _over;

    /// <summary>So many bytes of it are in memory now.</summary>
    /// <exception cref="QuiltException">ResourceExhausted: with the agent's others they are too many; and what is said of whoever is not known.</exception>
    public void Hold(long bytes)
    {
        lock (_lock)
        {
            long wanted = bytes > Small && !_over ? bytes : 0;
            if (wanted != _held)
            {
                quotas.ChangeBodies(_agent ??= whose(), wanted - _held);
                _held = wanted;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _over = true;
            Hold(0);
        }
    }
}
