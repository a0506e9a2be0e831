using System.CommandLine;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class ToolListCommand : CliCommand
{
    private readonly Option<string?> _scope, _level;
    private readonly Option<bool> _quiet;

    internal ToolListCommand()
        : base("tool ls", "List the tools that the caller may use")
    {
        _scope = Value("SCOPE", "primitive or cognitive alone", "--scope");
        _level = Value("LEVEL", "At most this: safe, limited, elevated or dangerous", "--level");
        _quiet = Flag("Print names alone", "--quiet", "-q");
    }

    internal override string Usage => "[--scope SCOPE] [--level LEVEL] [-q]";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt tool ls --level safe", "Those that change nothing"),
        new("quilt tool ls --token \"$TOKEN\"", "Those that an agent has been granted"),
    ];

    internal override async Task<int> RunAsync(Invocation call)
    {
        ListToolsRequest request = new()
        {
            Scope = Check(call.Get(_scope), "--scope", ["primitive", "cognitive"]),
            Level = Check(call.Get(_level), "--level", ["safe", "limited", "elevated", "dangerous"]),
        };
        ListToolsResponse answer = await call.Daemon.ListToolsAsync(request);
        if (call.Get(_quiet))
        {
            foreach (ToolInfo tool in answer.Tools)
            {
                call.Out.WriteLine(tool.Name);
            }
        }
        else if (call.Json)
        {
            CliJson.WriteDocument(call.Out, answer.Tools.Select(ViewOf.Tool).ToArray(), j => j.ToolViewArray);
        }
        else
        {
            Write(call.Out, call.Streams.Style, answer.Tools);
        }

        return 0;
    }

    internal static void Write(TextWriter to, Style style, IEnumerable<ToolInfo> tools)
    {
        TextTable table = new("NAME", "SCOPE", "LEVEL", "TITLE");
        foreach (ToolInfo tool in tools)
        {
            table.Add(tool.Name, tool.Scope, tool.Level, tool.Title);
        }

        table.Write(to, style);
    }

    private static string Check(string? text, string field, string[] known) => text is null ? "" : known.Contains(text)
        ? text
        : throw QuiltException.Invalid(field, $"{field} '{text}' is not known", $"use one of: {string.Join(", ", known)}");
}
