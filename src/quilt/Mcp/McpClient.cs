using Quilt.Core;

namespace Quilt.Cli;

/// <summary>How a client's configuration is written.</summary>
internal enum McpConfigFormat
{
    /// <summary>Without comments.</summary>
    Json,
    JsonWithComments,
    Toml,
}

/// <summary>A program that starts MCP servers, and where and how it is told of them.</summary>
/// <param name="Servers">The object or table that has an entry for each server.</param>
/// <param name="SaysType">Whether an entry says <c>"type": "stdio"</c>.</param>
/// <param name="Documentation">Where its makers describe it.</param>
internal sealed record McpClient(string Name, string Title, McpConfigFormat Format, string Servers, bool SaysType, string Documentation)
{
    internal static IReadOnlyList<McpClient> All { get; } =
    [
        new("claude", "Claude Desktop", McpConfigFormat.Json, "mcpServers", false, "https://modelcontextprotocol.io/docs/develop/connect-local-servers"),
        new("claude-code", "Claude Code", McpConfigFormat.Json, "mcpServers", true, "https://code.claude.com/docs/en/mcp"),
        new("cursor", "Cursor", McpConfigFormat.JsonWithComments, "mcpServers", true, "https://cursor.com/docs/context/mcp"),
        new("vscode", "Visual Studio Code", McpConfigFormat.JsonWithComments, "servers", true, "https://code.visualstudio.com/docs/copilot/reference/mcp-configuration"),
        new("windsurf", "Windsurf", McpConfigFormat.Json, "mcpServers", false, "https://docs.windsurf.com/windsurf/cascade/mcp"),
        new("codex", "Codex", McpConfigFormat.Toml, "mcp_servers", false, "https://developers.openai.com/codex/mcp"),
        new("gemini", "Gemini CLI", McpConfigFormat.JsonWithComments, "mcpServers", false, "https://geminicli.com/docs/tools/mcp-server"),
        new("zed", "Zed", McpConfigFormat.JsonWithComments, "context_servers", false, "https://zed.dev/docs/ai/mcp"),
    ];

    /// <exception cref="QuiltException">Invalid argument: we know none of that name.</exception>
    internal static McpClient Find(string name) => All.FirstOrDefault(c => c.Name == name) ?? throw QuiltException.Invalid(
        "CLIENT", $"there is no MCP client '{name}' that we know of", $"use one of: {string.Join(", ", All.Select(c => c.Name))}; any other can be told to run 'quilt mcp'");

    /// <summary>Its configuration for all that its user does, on Linux.</summary>
    /// <exception cref="QuiltException">Failed precondition: there is no home directory.</exception>
    internal string File(Func<string, string?> environment)
    {
        string home = environment("HOME") is { Length: > 0 } folder ? folder : throw new QuiltException(
            ErrorCode.FailedPrecondition, "HOME is not set, so there is no configuration of yours", "name the file by --file", "HOME");
        string config = Variable("XDG_CONFIG_HOME", ".config");
        return Name switch
        {
            "claude" => Path.Combine(config, "Claude", "claude_desktop_config.json"),
            "claude-code" => Path.Combine(Variable("CLAUDE_CONFIG_DIR", ""), ".claude.json"),
            "cursor" => Path.Combine(home, ".cursor", "mcp.json"),
            "vscode" => Path.Combine(config, "Code", "User", "mcp.json"),
            "windsurf" => Path.Combine(home, ".codeium", "windsurf", "mcp_config.json"),
            "codex" => Path.Combine(Variable("CODEX_HOME", ".codex"), "config.toml"),
            "gemini" => Path.Combine(home, ".gemini", "settings.json"),
            _ => Path.Combine(config, "zed", "settings.json"),
        };

        string Variable(string name, string otherwise) => environment(name) is { Length: > 0 } set ? set : Path.Combine(home, otherwise);
    }
}
