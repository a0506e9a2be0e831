using System.CommandLine;
using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class ToolCallCommand : CliCommand
{
    private readonly Argument<string> _name;
    private readonly Argument<string?> _arguments;
    private readonly Option<string?> _timeout, _key;

    internal ToolCallCommand()
        : base("tool call", "Call a tool and print its result")
    {
        _name = Word("NAME");
        _arguments = OptionalWord("JSON");
        _timeout = Value("DURATION", "Give up after this time, with exit code 124", "--timeout", "-t");
        _key = Value("KEY", "A call with the key of an earlier one gets that one's outcome, and does nothing anew", "--idempotency-key");
    }

    internal override string Usage => "[--timeout DURATION] [--idempotency-key KEY] NAME [JSON|-]";

    internal override string Details =>
        """
        JSON is an object of the tool's arguments, '{}' where it is left out, and read from stdin where it is '-'. The result's JSON
        goes to stdout, in one line unless that is a terminal; progress goes to stderr where that is a terminal.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt tool call listContainers", "A tool without arguments"),
        new("quilt tool call execInContainer '{\"container\": \"web\", \"command\": [\"ps\"]}'", "A command in a container, its output in the result"),
        new("quilt tool call createContainer - < web.json", "Arguments from a file"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Tool;

    internal override async Task<int> RunAsync(Invocation call)
    {
        CallToolRequest request = new()
        {
            Name = call.Get(_name),
            Arguments = Check(call.Get(_arguments) is "-" ? StandardInput.ReadText() : call.Get(_arguments) ?? "{}"),
            Timeout = SpecOptions.ReadDuration(call.Get(_timeout), "--timeout"),
        };
        string result = await ToolCall.RunAsync(call, request, call.Get(_key));
        call.Out.WriteLine(call.Streams.IsTerminal ? new ToolAnswer(JsonSerializer.Deserialize(result, CliJson.Compact.JsonElement)).Indented : result);
        return 0;
    }

    /// <exception cref="QuiltException">Invalid argument: it is no JSON object. The place is named here, where the text is at hand.</exception>
    internal static string Check(string text)
    {
        const string remedy = "give one JSON object in quotes, such as '{\"container\": \"web\"}', or '-' to read it from stdin";
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? text : throw QuiltException.Invalid("JSON", "the arguments are no JSON object", remedy);
        }
        catch (JsonException e)
        {
            throw QuiltException.Invalid("JSON", $"the arguments are no JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", remedy);
        }
    }
}
