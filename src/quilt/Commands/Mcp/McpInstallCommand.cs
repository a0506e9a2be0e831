using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class McpInstallCommand : CliCommand
{
    private readonly Argument<string> _client;
    private readonly Option<string?> _name, _tokenFile, _file;
    private readonly Option<bool> _print, _lazy;

    internal McpInstallCommand()
        : base("mcp install", "Tell an MCP client to use Quilt")
    {
        _client = Word("CLIENT");
        _name = Value("NAME", "What the client calls it (default quilt)", "--name");
        _tokenFile = Value("FILE", "Where the token of the agent is that the client speaks for (else QUILT_TOKEN_FILE)", "--token-file");
        _lazy = Flag("Show the client's model a handful of tools, and find the rest by search", "--lazy");
        _file = Value("FILE", "Not the client's own configuration but this one, such as a project's .mcp.json", "--file");
        _print = Flag("Print what would be written there, and write nothing", "--print");
    }

    internal override string Usage => "[--name NAME] [--token-file FILE] [--lazy] [--file FILE] [--print] CLIENT";

    internal override string Details =>
        """
        CLIENT is claude (Claude Desktop), claude-code, cursor, vscode, windsurf, codex, gemini or zed. An entry for 'quilt mcp' is put
        into its configuration; all else that is there stays as it is written, comments too, and what was there before is kept beside it
        (.before-quilt). Done again, it changes nothing. A file that is not as the client's documentation has it is left alone.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt mcp install claude-code", "As the operator: with every tool"),
        new("quilt mcp install cursor --token-file ~/.config/quilt/helper.token", "As the agent whose token is in that file"),
        new("quilt mcp install vscode --file .vscode/mcp.json", "For one project"),
        new("quilt mcp install codex --print", "To see it first"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.McpClient;

    internal override Task<int> RunAsync(Invocation call)
    {
        McpClient client = McpClient.Find(call.Get(_client)!);
        McpServerEntry entry = Entry(call);
        string path = call.Get(_file) ?? client.File(Environment.GetEnvironmentVariable);
        if (call.Get(_print))
        {
            call.Streams.Error.WriteLine($"quilt: in {path}:");
            call.Out.Write(McpConfigEdit.Snippet(client, entry));
            return Task.FromResult(0);
        }

        McpConfigFile file = new(path);
        string before = file.Read(), after = McpConfigEdit.Apply(before, client, entry, path);
        if (after != before)
        {
            file.Write(before, after);
        }

        Tell(call, client, new McpInstalledView(client.Name, path, entry.Name, after != before, after != before && before.Length > 0 ? file.Backup : null));
        return Task.FromResult(0);
    }

    private static void Tell(Invocation call, McpClient client, McpInstalledView view)
    {
        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, view, j => j.McpInstalledView);
            return;
        }

        call.Out.WriteLine(view.File);
        call.Streams.Error.WriteLine(view.Changed ? $"quilt: {client.Title} knows '{view.Server}' when it is started anew" : $"quilt: {client.Title} knew '{view.Server}' already");
    }

    private McpServerEntry Entry(Invocation call)
    {
        SortedDictionary<string, string> environment = new(StringComparer.Ordinal);
        if (call.Address.ToString() is var host and not DaemonAddress.Default)
        {
            environment["QUILT_HOST"] = host;
        }

        if (call.Has(g => g.Token))
        {
            throw QuiltException.Invalid("--token", "a token is not written into another program's configuration", "put it into a file of mode 600, and give that by --token-file");
        }

        if ((call.Get(_tokenFile) ?? Environment.GetEnvironmentVariable(Caller.TokenFileVariable)) is { Length: > 0 } tokenFile)
        {
            environment[Caller.TokenFileVariable] = File.Exists(tokenFile) ? Path.GetFullPath(tokenFile) : throw QuiltException.Invalid(
                "--token-file", $"--token-file '{tokenFile}' is not there", "write the token into it first: 'quilt agent create -q NAME > FILE'");
        }

        string name = call.Get(_name) ?? "quilt";
        return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? new McpServerEntry(name, Environment.ProcessPath ?? "quilt", call.Get(_lazy) ? ["mcp", "--lazy"] : ["mcp"], environment)
            : throw QuiltException.Invalid("--name", $"--name '{name}' is not a server's name", "use letters, digits, '-' and '_'");
    }
}
