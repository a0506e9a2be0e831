using System.Globalization;

namespace Quilt.Cli;

internal sealed class NetworkListCommand() : ToolCommand("network ls", "List the networks", "Print their ids alone")
{
    internal override string Usage => "[-q]";

    internal override IReadOnlyList<Example> Examples => [new("quilt network ls", "Each with its subnet and the number of its members")];

    protected override string Tool => "listNetworks";

    internal override ToolArguments ArgumentsOf(Invocation call) => new();

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["networks"].Items.Select(n => n["id"].Text);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("ID", "NAME", "POLICY", "SUBNET", "MEMBERS", "CREATED");
        foreach (ToolAnswer network in answer["networks"].Items)
        {
            table.Add(
                network["id"].Text, network["name"].Text, network["policy"].Text, network["subnet"].Text, network["members"].Items.Count().ToString(CultureInfo.InvariantCulture),
                network["createdAt"].When(now));
        }

        table.Write(to, style);
    }
}
