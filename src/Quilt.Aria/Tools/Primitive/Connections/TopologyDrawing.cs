using System.Globalization;
using System.Text;

namespace Quilt.Aria;

/// <summary>The topology as a text that other programs draw. Names hold letters, digits, '.', '_' and '-' alone, so none has to be escaped.</summary>
internal static class TopologyDrawing
{
    /// <seealso href="https://mermaid.js.org/syntax/flowchart.html"/>
    internal static string Mermaid(IReadOnlyList<TopologyNode> nodes, IReadOnlyList<TopologyEdge> edges)
    {
        StringBuilder text = new("flowchart LR\n");
        foreach (TopologyNode node in nodes)
        {
            text.Append(CultureInfo.InvariantCulture, $"  c{node.Id}[\"{node.Name}\"]\n");
        }

        foreach (TopologyEdge edge in edges)
        {
            text.Append(CultureInfo.InvariantCulture, $"  c{edge.Connection.From} -->|\"{edge.Connection.Port}/{edge.Connection.Protocol}\"| c{edge.Connection.To}\n");
        }

        return text.ToString();
    }

    /// <seealso href="https://graphviz.org/doc/info/lang.html"/>
    internal static string Dot(IReadOnlyList<TopologyNode> nodes, IReadOnlyList<TopologyEdge> edges)
    {
        StringBuilder text = new("digraph quilt {\n  rankdir=LR;\n");
        foreach (TopologyNode node in nodes)
        {
            text.Append(CultureInfo.InvariantCulture, $"  \"{node.Id}\" [label=\"{node.Name}\"];\n");
        }

        foreach (TopologyEdge edge in edges)
        {
            text.Append(CultureInfo.InvariantCulture, $"  \"{edge.Connection.From}\" -> \"{edge.Connection.To}\" [label=\"{edge.Connection.Port}/{edge.Connection.Protocol}\"];\n");
        }

        return text.Append("}\n").ToString();
    }
}
