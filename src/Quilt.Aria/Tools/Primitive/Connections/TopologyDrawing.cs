using System.Globalization;
using System.Text;

namespace Quilt.Aria;

/// <summary>
/// The topology as a text that other programs draw: containers, the networks that they are in, and what is outside. Names hold letters, digits
/// and '.', '_', '-', '*', ':', '/' alone, so none has to be escaped.
/// </summary>
internal sealed class TopologyDrawing
{
    private readonly List<(string Key, string Name, Shape Shape)> _nodes = [];
    private readonly List<(int From, int To, string? Label)> _lines = [];

    private enum Shape
    {
        Container,
        Network,
        Outside,
    }

    internal TopologyDrawing(IReadOnlyList<TopologyNode> containers, IReadOnlyList<NetworkView> networks, IReadOnlyList<TopologyEdge> edges)
    {
        _nodes.AddRange(containers.Select(c => (c.Id, c.Name, Shape.Container)));
        _nodes.AddRange(networks.Select(n => ($"network:{n.Id}", n.Name, Shape.Network)));
        _nodes.AddRange(networks.SelectMany(n => n.Egress).Concat(edges.Where(e => e.Connection.To.Contains(':', StringComparison.Ordinal) && !e.Connection.To.StartsWith("network:", StringComparison.Ordinal)).Select(e => e.Connection.ToName))
            .Distinct().Select(o => ($"outside:{o}", o, Shape.Outside)));
        Dictionary<string, int> numbers = _nodes.Select((n, i) => (n.Key, i)).ToDictionary(n => n.Key, n => n.i, StringComparer.Ordinal);
        foreach (TopologyEdge edge in edges)
        {
            string to = numbers.ContainsKey(edge.Connection.To) ? edge.Connection.To : $"outside:{edge.Connection.ToName}";
            if (numbers.TryGetValue(to, out int number))
            {
                _lines.Add((numbers[edge.Connection.From], number, $"{edge.Connection.Port.ToString(CultureInfo.InvariantCulture)}/{edge.Connection.Protocol}"));
            }
        }

        foreach (NetworkView network in networks)
        {
            int own = numbers[$"network:{network.Id}"];
            _lines.AddRange(network.Members.Where(m => numbers.ContainsKey(m.Container)).Select(m => (numbers[m.Container], own, (string?)null)));
            _lines.AddRange(network.Egress.Select(e => (own, numbers[$"outside:{e}"], (string?)"tcp")));
        }
    }

    /// <seealso href="https://mermaid.js.org/syntax/flowchart.html"/>
    internal string Mermaid()
    {
        StringBuilder text = new("flowchart LR\n");
        foreach (((string _, string name, Shape shape), int number) in _nodes.Select((n, i) => (n, i)))
        {
            (string open, string close) = shape switch
            {
                Shape.Container => ("[", "]"),
                Shape.Network => ("{{", "}}"),
                _ => ("([", "])"),
            };
            text.Append(CultureInfo.InvariantCulture, $"  n{number}{open}\"{name}\"{close}\n");
        }

        foreach ((int from, int to, string? label) in _lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"  n{from} {(label is null ? "---" : $"-->|\"{label}\"|")} n{to}\n");
        }

        return text.ToString();
    }

    /// <seealso href="https://graphviz.org/doc/info/lang.html"/>
    internal string Dot()
    {
        StringBuilder text = new("digraph quilt {\n  rankdir=LR;\n");
        foreach (((string _, string name, Shape shape), int number) in _nodes.Select((n, i) => (n, i)))
        {
            string drawn = shape switch
            {
                Shape.Container => "box",
                Shape.Network => "hexagon",
                _ => "ellipse",
            };
            text.Append(CultureInfo.InvariantCulture, $"  n{number} [label=\"{name}\", shape={drawn}];\n");
        }

        foreach ((int from, int to, string? label) in _lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"  n{from} -> n{to} [{(label is null ? "dir=none" : $"label=\"{label}\"")}];\n");
        }

        return text.Append("}\n").ToString();
    }
}
