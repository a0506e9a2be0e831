using Quilt.Core;

namespace Quilt.Network;

/// <summary>What others limit. They are asked where there is to be one more, and nothing is drawn, exposed or bound meanwhile: what they count then holds.</summary>
public sealed partial class Wiring
{
    /// <summary>Asked before one more edge begins at a container; throws where none may. It may ask the wiring, and wait for nobody who does.</summary>
    public Action<ContainerId> AdmitEdge { private get; set; } = _ => { };

    /// <summary>As <see cref="AdmitEdge"/>, before one more port of a container is exposed, or bound to one of the host's.</summary>
    public Action<ContainerId> AdmitPort { private get; set; } = _ => { };

    /// <summary>How many edges begin at these.</summary>
    public int CountEdges(IReadOnlySet<ContainerId> from)
    {
        lock (_lock)
        {
            return from.Sum(CountEdges);
        }
    }

    /// <summary>How many ports of these are exposed, and how many of the host's lead to them.</summary>
    public int CountPorts(IReadOnlySet<ContainerId> of)
    {
        lock (_lock)
        {
            return of.Sum(c => ExposedBy(c).Count) + _ports.Values.Count(p => of.Contains(p.Container));
        }
    }

    private int CountEdges(ContainerId from) => _edgesOf[from].Count(i => _edges[i].From == from);
}
