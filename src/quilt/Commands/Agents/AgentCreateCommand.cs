using System.CommandLine;
using System.Text;
using System.Text.Json;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class AgentCreateCommand : ToolCommand
{
    private readonly Argument<string?> _name;
    private readonly Option<string?> _file, _ttl;
    private readonly Option<bool> _noToken;

    internal AgentCreateCommand()
        : base("agent create", "Make an agent, and a token to speak for it", "Print the token alone")
    {
        _name = OptionalWord("NAME");
        _file = Value("FILE", "What it may do: YAML or JSON; '-' for stdin", "--file", "-f");
        _ttl = Value("DURATION", "How long the token holds, such as 12h", "--token-ttl");
        _noToken = Flag("Make no token yet", "--no-token");
    }

    internal override string Usage => "[-f FILE] [--token-ttl DURATION] [--no-token] [-q] [NAME]";

    internal override string Details => "The token is shown this once and kept nowhere in plain. Without NAME, the file's own 'name' is used.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt agent create helper", "With what an agent may do unless told"),
        new("quilt agent create -q -f helper.yaml helper > helper.token", "From a file, the token kept where --token-file finds it"),
    ];

    protected override string Tool => "createAgent";

    internal override ToolArguments ArgumentsOf(Invocation call)
    {
        string? config = call.Get(_file) is { } file ? Read(file) : null;
        string? name = call.Get(_name) ?? (config is null ? null : NameIn(config));
        if (name is null)
        {
            throw QuiltException.Invalid("NAME", "agent create needs a name", config is null ? "give NAME" : "give NAME, or a 'name' in the file");
        }

        return new ToolArguments()
            .Add("name", name)
            .Add("configText", config)
            .Add("issueToken", !call.Get(_noToken), unless: true)
            .Add("tokenTtl", call.Get(_ttl));
    }

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) =>
        AgentFields.Of(answer["agent"], now).Add("token", answer["token"].Text).Write(to, style);

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["token"].IsThere ? answer["token"].Text : answer["agent"]["id"].Text];

    protected override IEnumerable<string> Remarks(ToolAnswer answer)
    {
        foreach (ToolAnswer warning in answer["warnings"].Items)
        {
            yield return $"quilt: warning: {warning.Text}";
        }

        if (answer["token"].IsThere)
        {
            yield return "quilt: the token is shown this once; give it to the agent as QUILT_TOKEN, or in a file as QUILT_TOKEN_FILE";
        }
    }

    /// <summary>The top level's <c>name</c>, without reading the rest: that is the daemon's to judge.</summary>
    internal static string? NameIn(string config)
    {
        if (config.TrimStart().StartsWith('{'))
        {
            try
            {
                string name = new ToolAnswer(JsonSerializer.Deserialize(config, CliJson.Compact.JsonElement))["name"].Text;
                return name.Length == 0 ? null : name;
            }
            catch (JsonException)
            {
                return null;
            }
        }

        const string key = "name:";
        string? line = config.Split('\n').FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal));
        string value = (line ?? key)[key.Length..].Split(" #")[0].Trim().Trim('"', '\'');
        return value.Length == 0 ? null : value;
    }

    private static string Read(string file)
    {
        try
        {
            return file == "-" ? StandardInput.ReadText() : File.ReadAllText(file, Encoding.UTF8);
        }
        catch (Exception e) when (Failure.IsOfFile(e))
        {
            throw QuiltException.Invalid("--file", $"--file '{file}' cannot be read", "name a file that you may read, or '-' for stdin");
        }
    }
}
