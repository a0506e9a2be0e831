namespace Quilt.Aria;

/// <summary>What an agent, with all below it, has in memory of requests that are just read: a call is counted when it is known, which is after its body.</summary>
public sealed partial class Quotas
{
    /// <summary>As errors know them.</summary>
    private const string Bodies = "bodies";

    /// <summary>Four of the longest.</summary>
    private const long MostBodyBytes = 64L << 20;

    private readonly Dictionary<string, long> _bodyBytes = new(StringComparer.Ordinal);

    /// <param name="by">Negative: they are less now, which is never refused.</param>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal void ChangeBodies(Agent agent, long by)
    {
        Agent[] chain = [.. agent.Chain.Where(a => !a.IsOperator)];
        lock (_lock)
        {
            foreach (Agent each in by > 0 ? chain : [])
            {
                Check(each, agent, Bodies, MostBodyBytes, _bodyBytes.GetValueOrDefault(each.Id), by, "bytes of requests that are just read");
            }

            foreach (Agent each in chain)
            {
                if (_bodyBytes.GetValueOrDefault(each.Id) + by is > 0 and long bytes)
                {
                    _bodyBytes[each.Id] = bytes;
                }
                else
                {
                    _bodyBytes.Remove(each.Id);
                }
            }
        }
    }
}
