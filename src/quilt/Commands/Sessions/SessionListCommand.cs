using System.Globalization;
using System.Text.Json;

namespace Quilt.Cli;

internal sealed class SessionListCommand() : ToolCommand("session ls", "List sessions", "Print ids alone")
{
    internal override string Usage => "[-q]";

    internal override IReadOnlyList<Example> Examples => [new("quilt session ls", "Whose they are, and what they hold")];

    protected override string Tool => "listSessions";

    internal override ToolArguments ArgumentsOf(Invocation call) => new();

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["sessions"].Items.Select(s => s["id"].Text);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("SESSION ID", "NAME", "AGENT", "STATE", "ORIGIN", "CONTAINERS", "CREATED", "EXPIRES");
        foreach (ToolAnswer session in answer["sessions"].Items)
        {
            table.Add(
                session["id"].Text, session["name"].Text, AgentFields.Whose(session["agent"]), session["state"].Text, session["origin"].Text, Count(session["containers"]),
                session["createdAt"].When(now), session["endsAt"].When(now));
        }

        table.Write(to, style);
    }

    /// <summary>How many, whether they are counted or listed.</summary>
    internal static string Count(ToolAnswer containers) =>
        containers.Json.ValueKind == JsonValueKind.Array ? containers.Items.Count().ToString(CultureInfo.InvariantCulture) : containers.Text;
}
