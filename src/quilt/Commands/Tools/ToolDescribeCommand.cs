using System.CommandLine;
using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class ToolDescribeCommand : CliCommand
{
    private readonly Argument<string> _name;

    internal ToolDescribeCommand()
        : base("tool describe", "Show what a tool does and takes") => _name = Word("NAME");

    internal override string Usage => "NAME";

    internal override string Details => "With --json, its JSON Schemas too, of its arguments and of its result.";

    internal override IReadOnlyList<Example> Examples => [new("quilt tool describe execInContainer", "Its arguments, which of them it needs, and their meaning")];

    internal override ArgumentKind Completes => ArgumentKind.Tool;

    internal override async Task<int> RunAsync(Invocation call)
    {
        string name = call.Get(_name)!;
        ListToolsResponse answer = await call.Daemon.ListToolsAsync(new ListToolsRequest());
        ToolInfo tool = answer.Tools.FirstOrDefault(t => t.Name == name) ?? throw NoSuchTool(name, answer);
        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, ViewOf.ToolDetail(tool), j => j.ToolDetailView);
        }
        else
        {
            Write(call.Out, call.Streams.Style, tool);
        }

        return 0;
    }

    internal static void Write(TextWriter to, Style style, ToolInfo tool)
    {
        new FieldList()
            .Add("name", tool.Name)
            .Add("title", tool.Title)
            .Add("scope", tool.Scope)
            .Add("level", tool.Level)
            .Add("marks", Marks(tool))
            .Write(to, style);
        to.WriteLine();
        to.WriteLine(tool.Description.TrimEnd());
        ToolAnswer schema = new(tool.InputSchema.Length == 0 ? default : JsonSerializer.Deserialize(tool.InputSchema, CliJson.Compact.JsonElement));
        if (!schema["properties"].Fields.Any())
        {
            return;
        }

        to.WriteLine();
        HashSet<string> required = [.. schema["required"].Items.Select(i => i.Text)];
        TextTable table = new("ARGUMENT", "TYPE", "", "MEANING");
        foreach ((string name, ToolAnswer property) in schema["properties"].Fields)
        {
            string meaning = property["description"].Text.ReplaceLineEndings(" ");
            string fallback = property["default"].IsThere ? $" (default {property["default"].Text})" : "";
            table.Add(name, Type(property), required.Contains(name) ? "needed" : "", meaning + fallback);
        }

        table.Write(to, style);
    }

    private static string Type(ToolAnswer property) => property switch
    {
        _ when property["enum"].IsThere => string.Join('|', property["enum"].Items.Select(i => i.Text)),
        _ when property["type"].IsThere => property["type"].Text.Replace(", ", "|", StringComparison.Ordinal),
        _ => string.Join('|', (property["anyOf"].IsThere ? property["anyOf"] : property["oneOf"]).Items.Select(i => i["type"].Text)),
    };

    private static string Marks(ToolInfo tool) => string.Join(", ", new[]
    {
        tool.ReadOnly ? "reads only" : null, tool.Destructive ? "destroys" : null, tool.Idempotent ? "the same when repeated" : null, tool.OpenWorld ? "reaches outside" : null,
    }.Where(m => m is not null));

    private static QuiltException NoSuchTool(string name, ListToolsResponse answer)
    {
        string? near = Nearest.To(name, answer.Tools.Select(t => t.Name));
        return new QuiltException(
            ErrorCode.NotFound, $"there is no tool '{name}' for this caller", near is null ? "'quilt tool ls' lists all" : $"did you mean '{near}'? 'quilt tool ls' lists all", "name");
    }
}
