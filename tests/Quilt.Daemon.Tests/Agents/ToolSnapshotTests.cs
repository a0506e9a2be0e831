using System.Text;
using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests;

/// <summary>The tools are our public interface: a change of one shows in a diff.</summary>
public sealed class ToolSnapshotTests(DaemonFixture fixture)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Names_descriptions_levels_and_schemas_are_as_they_were()
    {
        ListToolsResponse tools = await fixture.Client.ListToolsAsync(new ListToolsRequest(), cancellationToken: TestContext.Current.CancellationToken);
        StringBuilder text = new();
        foreach (ToolInfo tool in tools.Tools)
        {
            text.Append($"== {tool.Name} ({tool.Scope}, {tool.Level}{(tool.Destructive ? ", destructive" : "")}{(tool.Idempotent ? ", idempotent" : "")}{(tool.OpenWorld ? ", open world" : "")})\n{tool.Title}\n{tool.Description}\n");
            text.Append($"arguments: {Pretty(tool.InputSchema)}\nresult: {Pretty(tool.OutputSchema)}\n\n");
        }

        Snapshot.Check("tools.txt", text.ToString());
    }

    private static string Pretty(string json) => JsonSerializer.Serialize(JsonElement.Parse(json), Indented);
}
