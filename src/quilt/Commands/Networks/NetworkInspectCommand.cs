using System.CommandLine;

namespace Quilt.Cli;

internal sealed class NetworkInspectCommand : ToolCommand
{
    private readonly Argument<string> _network;

    internal NetworkInspectCommand()
        : base("network inspect", "Show a network and who is in it") => _network = Word("NETWORK");

    internal override string Usage => "NETWORK";

    internal override IReadOnlyList<Example> Examples => [new("quilt network inspect backend", "Its members, with their addresses and aliases there")];

    protected override string Tool => "listNetworks";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("network", call.Get(_network));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        foreach (ToolAnswer network in answer["networks"].Items)
        {
            new FieldList()
                .Add("id", network["id"].Text)
                .Add("name", network["name"].Text)
                .Add("policy", network["policy"].Text)
                .Add("subnet", network["subnet"].Text)
                .Add("subnet6", network["subnet6"].Text)
                .Add("egress", string.Join(", ", network["egress"].Items.Select(e => e.Text)))
                .Add("lives with", network["livesWith"].Text)
                .Add("created", network["createdAt"].When(now))
                .Add("carried", $"{network["packets"].Text} packets, {network["bytes"].Text} bytes")
                .Write(to, style);
            TextTable table = new("MEMBER", "ADDRESS", "ADDRESS6", "ALIASES");
            foreach (ToolAnswer member in network["members"].Items)
            {
                table.Add(member["containerName"].Text, member["address"].Text, member["address6"].Text, string.Join(", ", member["aliases"].Items.Select(a => a.Text)));
            }

            table.Write(to, style);
        }
    }
}
