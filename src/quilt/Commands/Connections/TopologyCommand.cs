using System.CommandLine;
using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class TopologyCommand : ToolCommand
{
    private readonly Option<string?> _format;

    internal TopologyCommand()
        : base("topology", "Draw which containers reach which") => _format = Value("FORMAT", "mermaid or dot, for other programs to draw", "--format");

    internal override string Usage => "[--format FORMAT]";

    internal override string Details => "With --json, nodes and edges with all that is known of them.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt topology", "What has flowed over each connection, in packets and bytes"),
        new("quilt topology --format dot | dot -Tsvg > topology.svg", "A picture, by Graphviz"),
    ];

    protected override string Tool => "getNetworkTopology";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("format", call.Get(_format));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        if (answer["drawing"].IsThere)
        {
            to.Write(answer["drawing"].Text);
            return;
        }

        ILookup<string, string> networks = answer["networks"].Items.SelectMany(n => n["members"].Items.Select(m => (Container: m["container"].Text, Text: $"{n["name"].Text} ({m["address"].Text})"))).ToLookup(m => m.Container, m => m.Text);
        ILookup<string, ToolAnswer> edges = answer["edges"].Items.ToLookup(e => e["connection"]["from"].Text);
        foreach (ToolAnswer node in answer["nodes"].Items)
        {
            to.WriteLine($"{node["name"].Text}  {(node["address"].IsThere ? node["address"].Text : "not connected")}{(node["state"].Text == "running" ? "" : $"  {node["state"].Text}")}");
            foreach (string network in networks[node["id"].Text])
            {
                to.WriteLine($"●  {network}");
            }

            ToolAnswer[] own = [.. edges[node["id"].Text]];
            for (int i = 0; i < own.Length; i++)
            {
                ToolAnswer connection = own[i]["connection"];
                string expires = connection["expiresAt"].IsThere ? $"  ends {connection["expiresAt"].When(now)}" : "";
                to.WriteLine($"{(i == own.Length - 1 ? "└─" : "├─")}▶ {connection["toName"].Text}:{connection["port"].Text}/{connection["protocol"].Text}  {Carried(own[i])}{expires}");
            }
        }

        WriteNetworks(to, answer);
    }

    private static void WriteNetworks(TextWriter to, ToolAnswer answer)
    {
        foreach (ToolAnswer network in answer["networks"].Items)
        {
            string egress = string.Join(", ", network["egress"].Items.Select(e => e.Text));
            to.WriteLine($"● {network["name"].Text}  {network["subnet"].Text}  {network["policy"].Text}  {Carried(network)}{(egress.Length > 0 ? $"  ▶ {egress}" : "")}");
        }
    }

    private static string Carried(ToolAnswer edge) => long.TryParse(edge["bytes"].Text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) && bytes > 0
        ? $"{(edge["packets"].Text is var packets and not "0" ? $"{packets} packets, " : "")}{new ByteSize(bytes)}"
        : "nothing yet";
}
