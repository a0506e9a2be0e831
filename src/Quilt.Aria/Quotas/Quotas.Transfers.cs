namespace Quilt.Aria;

/// <summary>What an agent, with all below it, has on its way between its callers and its tools.</summary>
public sealed partial class Quotas
{
    /// <summary>As errors know one.</summary>
    private const string Transfer = "transfers";
    private const int MostTransfers = 64;
    private const long MostTransferBytes = 8L << 30;
    private readonly List<TransferPlace> _transfers = [];

    /// <summary>Holds the place of content that is sent or packed, until it has been read.</summary>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal TransferPlace EnterTransfer(Agent agent)
    {
        lock (_lock)
        {
            foreach (Agent each in agent.Chain)
            {
                Check(each, agent, Transfer, each.IsOperator ? null : MostTransfers, Transfers(each).Count(), 1, "uploads and downloads that wait");
            }

            TransferPlace place = new(this, agent);
            _transfers.Add(place);
            return place;
        }
    }

    /// <exception cref="QuiltException">ResourceExhausted: it would be too much, and is not counted.</exception>
    internal void Grow(TransferPlace place, long bytes)
    {
        lock (_lock)
        {
            foreach (Agent each in place.Agent.Chain.Where(a => !a.IsOperator))
            {
                Check(each, place.Agent, Transfer, MostTransferBytes, Transfers(each).Sum(t => t.Bytes), bytes, "bytes of uploads and downloads that wait");

                // Not with what containers may take: where all is given out, nothing could be copied out of them any more.
                Check(each, place.Agent, "disk", each.Config.Grant.Limits.Disk?.Bytes, Transfers(each).Sum(t => t.Bytes), bytes, "bytes of disk");
            }

            place.Bytes += bytes;
        }
    }

    internal void Leave(TransferPlace place)
    {
        lock (_lock)
        {
            _transfers.Remove(place);
        }
    }

    private IEnumerable<TransferPlace> Transfers(Agent agent) => _transfers.Where(t => t.Agent.IsWithin(agent));
}
