using Quilt.Core;

namespace Quilt.Aria;

/// <summary>How much waits of each agent, whatever is on its way at the same time included.</summary>
internal sealed class WaitingBytes
{
    private const long Most = 8L << 30; // of an agent's uploads, and of what it has packed
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _bytes = new(StringComparer.Ordinal);

    /// <param name="bytes">More, or where it is negative less.</param>
    /// <exception cref="QuiltException">ResourceExhausted: it would be too much, and is not counted.</exception>
    internal void Add(string agent, long bytes, bool isLimited)
    {
        lock (_lock)
        {
            long now = _bytes.GetValueOrDefault(agent) + bytes;
            if (isLimited && now > Most)
            {
                throw new QuiltException(ErrorCode.ResourceExhausted, $"more than {new ByteSize(Most)} would wait to be used", "use or fetch what waits, or send and ask for less at once");
            }

            if (now == 0)
            {
                _bytes.Remove(agent);
            }
            else
            {
                _bytes[agent] = now;
            }
        }
    }
}
