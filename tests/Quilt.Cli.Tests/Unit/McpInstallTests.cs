using System.Text.Json;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>Our entry comes into the configurations of others, and nothing of theirs goes.</summary>
public sealed class McpInstallTests
{
    private static readonly McpServerEntry Entry = new("quilt", "/usr/bin/quilt", ["mcp"], new Dictionary<string, string> { ["QUILT_TOKEN_FILE"] = "/t" });
    private static readonly McpServerEntry Plain = Entry with { Environment = new Dictionary<string, string>() };

    public static TheoryData<string> Clients => [.. McpClient.All.Select(c => c.Name)];

    [Fact]
    public void What_each_client_gets_is_as_it_was() => Snapshot.Check(
        "mcp-install.txt", string.Concat(McpClient.All.Select(c => $"# {c.Title}, {c.File(n => n == "HOME" ? "/home/me" : null)} ({c.Documentation})\n{McpConfigEdit.Snippet(c, Entry)}\n")));

    [Theory]
    [MemberData(nameof(Clients))]
    public void Done_again_it_changes_nothing_and_done_anew_only_what_is_new(string name)
    {
        McpClient client = McpClient.Find(name);
        string once = McpConfigEdit.Apply("", client, Entry, "f");
        Assert.Equal(once, McpConfigEdit.Apply(once, client, Entry, "f"));
        string moved = McpConfigEdit.Apply(once, client, Entry with { Command = "/opt/quilt" }, "f");
        Assert.Equal(once.Replace("/usr/bin/quilt", "/opt/quilt", StringComparison.Ordinal), moved);
        string second = McpConfigEdit.Apply(once, client, Plain with { Name = "other" }, "f");
        Assert.Contains("QUILT_TOKEN_FILE", second, StringComparison.Ordinal);
        Assert.Contains("other", second, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "{\n  \"mcpServers\": {\n    \"quilt\": {\n      \"command\": \"/usr/bin/quilt\",\n      \"args\": [\n        \"mcp\"\n      ]\n    }\n  }\n}")]
    [InlineData("{\"a\":1.50}", "{\"a\":1.50, \"mcpServers\": {\"quilt\":{\"command\":\"/usr/bin/quilt\",\"args\":[\"mcp\"]}}}")]
    [InlineData("{\r\n\t\"a\": 1\r\n}\r\n", "{\r\n\t\"a\": 1,\r\n\t\"mcpServers\": {\r\n\t\t\"quilt\": {\r\n\t\t\t\"command\": \"/usr/bin/quilt\",\r\n\t\t\t\"args\": [\r\n\t\t\t\t\"mcp\"\r\n\t\t\t]\r\n\t\t}\r\n\t}\r\n}\r\n")]
    [InlineData("{\"mcpServers\": {}}", "{\"mcpServers\": {\n  \"quilt\": {\n    \"command\": \"/usr/bin/quilt\",\n    \"args\": [\n      \"mcp\"\n    ]\n  }\n}}")]
    public void Json_is_written_in_its_own_way(string before, string after) => Assert.Equal(after, McpConfigEdit.Apply(before, McpClient.Find("claude"), Plain, "f"));

    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"mcpServers":{"\ud800 and so on":/* one */{}},}""")]
    public void What_is_no_unicode_is_refused_and_not_taken_apart(string before) =>
        Assert.Equal(ErrorCode.FailedPrecondition, Assert.Throws<QuiltException>(() => McpConfigEdit.Apply(before, McpClient.Find("zed"), Plain, "f")).Code);

    [Fact]
    public void Comments_order_and_numbers_stay_as_they_are_written()
    {
        const string before = """
            // mine
            {
                "theme": "One", // why not
                "size": 1.0e1,
                "context_servers": {
                    /* the first, {"no": "entry"}, */
                    "a": { "command": "a" }, // and "last"
                },
                "tail": [1, 2,], // end
            }
            """;
        string after = McpConfigEdit.Apply(before, McpClient.Find("zed"), Plain, "f");
        string[] lines = after.Split('\n');
        Assert.All(before.Split('\n'), line => Assert.Contains(line, lines));
        Assert.Equal("/usr/bin/quilt", Parse(after).GetProperty("context_servers").GetProperty("quilt").GetProperty("command").GetString());
        Assert.Equal(after, McpConfigEdit.Apply(after, McpClient.Find("zed"), Plain, "f"));
    }

    [Fact]
    public void A_comment_behind_the_last_value_stays_behind_it()
    {
        string after = McpConfigEdit.Apply("{\n  \"a\": 1 // one, or so\n}\n", McpClient.Find("vscode"), Plain, "f");
        Assert.StartsWith("{\n  \"a\": 1, // one, or so\n  \"servers\": {\n", after, StringComparison.Ordinal);
        Assert.EndsWith("\n  }\n}\n", after, StringComparison.Ordinal);
        Assert.Equal("stdio", Parse(after).GetProperty("servers").GetProperty("quilt").GetProperty("type").GetString());
    }

    [Fact]
    public void An_entry_of_ours_keeps_what_its_user_added()
    {
        const string before = """{"mcpServers":{"quilt":{"command":"/old/quilt","args":["mcp"],"disabled":true,"env":{"QUILT_HOST":"unix:///x"}}}}""";
        JsonElement entry = Parse(McpConfigEdit.Apply(before, McpClient.Find("windsurf"), Entry, "f")).GetProperty("mcpServers").GetProperty("quilt");
        Assert.Equal("/usr/bin/quilt", entry.GetProperty("command").GetString());
        Assert.True(entry.GetProperty("disabled").GetBoolean());
        Assert.Equal(["QUILT_HOST", "QUILT_TOKEN_FILE"], entry.GetProperty("env").EnumerateObject().Select(p => p.Name));
    }

    [Theory]
    [InlineData("claude", "{\"a\": 1,}", "no JSON, which has no comments, in line 1")]
    [InlineData("claude", "// c\n{}", "in line 1")]
    [InlineData("zed", "{\n\"a\": }", "in line 2")]
    [InlineData("cursor", "[]", "the document is no object")]
    [InlineData("cursor", "{\"mcpServers\": []}", "'mcpServers' is no object")]
    [InlineData("cursor", "{\"mcpServers\": {\"quilt\": {\"args\": [ // mine\n \"x\"]}}}", "a comment that would be lost")]
    [InlineData("cursor", "{\"mcpServers\": {\"quilt\": {\"url\": \"https://x\"}}}", "another kind")]
    [InlineData("codex", "a = [1", "line 1")]
    [InlineData("codex", "mcp_servers = { a = { command = \"a\" } }", "'mcp_servers' is written")]
    [InlineData("codex", "[mcp_servers.quilt]\nurl = 'https://x'\n", "another kind")]
    [InlineData("codex", "[mcp_servers.quilt]\nargs = [ # mine\n 'x' ]\n", "'mcp_servers.quilt.args' is written")]
    [InlineData("codex", "[mcp_servers]\nquilt.args = []\n", "'mcp_servers.quilt' is written")]
    public void What_cannot_be_added_to_without_loss_is_left_alone_and_said(string client, string before, string message)
    {
        QuiltException e = Assert.Throws<QuiltException>(() => McpConfigEdit.Apply(before, McpClient.Find(client), Entry, "/the/file"));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
    }

    [Fact]
    public void Toml_keeps_everything_and_gets_a_table_at_its_end()
    {
        const string before = """
            model = "m" # mine
            text = '''
            [mcp_servers.quilt]
            '''
            matrix = [
              [1, 2], # "two"
            ]

            [mcp_servers.other]
            command = "x"
            env = { A = "}" }
            """;
        string after = McpConfigEdit.Apply(before, McpClient.Find("codex"), Entry, "f");
        Assert.Equal(before + "\n\n[mcp_servers.quilt]\ncommand = \"/usr/bin/quilt\"\nargs = [\"mcp\"]\n\n[mcp_servers.quilt.env]\nQUILT_TOKEN_FILE = \"/t\"\n", after);
        Assert.Equal(after, McpConfigEdit.Apply(after, McpClient.Find("codex"), Entry, "f"));
    }

    [Theory]
    [InlineData("[mcp_servers.quilt]\ncommand = 'old' # was\n", "[mcp_servers.quilt]\ncommand = \"/usr/bin/quilt\" # was\nargs = [\"mcp\"]\n\n[mcp_servers.quilt.env]\nQUILT_TOKEN_FILE = \"/t\"\n")]
    [InlineData("[mcp_servers.quilt]\ncommand = '/usr/bin/quilt'\nargs = [ 'mcp' ]\nenv = { A = \"b\" }\n[x]\n", "[mcp_servers.quilt]\ncommand = '/usr/bin/quilt'\nargs = [ 'mcp' ]\nenv = { A = \"b\", QUILT_TOKEN_FILE = \"/t\" }\n[x]\n")]
    [InlineData("[mcp_servers.\"quilt\"]\ncommand = \"/usr/bin/quilt\"\nargs = [\"mcp\"]\nenv = {}", "[mcp_servers.\"quilt\"]\ncommand = \"/usr/bin/quilt\"\nargs = [\"mcp\"]\nenv = { QUILT_TOKEN_FILE = \"/t\" }")]
    public void A_table_of_ours_is_changed_where_it_stands(string before, string after) => Assert.Equal(after, McpConfigEdit.Apply(before, McpClient.Find("codex"), Entry, "f"));

    [Fact]
    public async Task The_file_is_written_whole_with_its_mode_and_the_old_one_beside_it()
    {
        using TemporaryFolder folder = new();
        string real = folder["real.json"], link = folder["link.json"];
        await File.WriteAllTextAsync(real, "{\"a\": 1}", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(real, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        File.CreateSymbolicLink(link, real);
        (int code, string stdout, _) = await CommandLine.Run("mcp", "install", "claude", "--file", link, "--json");
        Assert.Equal(0, code);
        Assert.True(JsonDocument.Parse(stdout).RootElement.GetProperty("changed").GetBoolean());
        Assert.NotNull(File.ResolveLinkTarget(link, false));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(real));
        Assert.Equal("{\"a\": 1}", await File.ReadAllTextAsync(real + ".before-quilt", TestContext.Current.CancellationToken));
        Assert.Equal(1, Parse(await File.ReadAllTextAsync(real, TestContext.Current.CancellationToken)).GetProperty("a").GetInt32());
        Assert.Equal(["link.json", "real.json", "real.json.before-quilt"], Directory.EnumerateFiles(folder.Path).Select(f => Path.GetFileName(f)).Order());
        (_, stdout, _) = await CommandLine.Run("mcp", "install", "claude", "--file", link, "--json");
        Assert.False(JsonDocument.Parse(stdout).RootElement.GetProperty("changed").GetBoolean());
    }

    [Fact]
    public async Task A_file_that_is_not_there_yet_is_made_with_its_folder_and_print_makes_none()
    {
        using TemporaryFolder folder = new();
        string file = folder["a/b/mcp.json"], token = folder["token"];
        await File.WriteAllTextAsync(token, "secret", TestContext.Current.CancellationToken);
        (int code, string stdout, _) = await CommandLine.Run("mcp", "install", "cursor", "--file", file, "--print", "--token-file", token, "--name", "mine", "--lazy");
        Assert.Equal(0, code);
        Assert.False(Directory.Exists(folder["a"]));
        JsonElement entry = Parse(stdout).GetProperty("mcpServers").GetProperty("mine");
        Assert.Equal(["mcp", "--lazy"], entry.GetProperty("args").EnumerateArray().Select(a => a.GetString()));
        Assert.Equal(token, entry.GetProperty("env").GetProperty("QUILT_TOKEN_FILE").GetString());
        Assert.DoesNotContain("secret", stdout, StringComparison.Ordinal);
        (code, _, _) = await CommandLine.Run("mcp", "install", "cursor", "--file", file);
        Assert.Equal(0, code);
        Assert.True(Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).GetProperty("mcpServers").TryGetProperty("quilt", out _));
    }

    [Fact]
    public void A_client_is_found_where_its_own_variables_say()
    {
        Dictionary<string, string> variables = new() { ["HOME"] = "/h", ["XDG_CONFIG_HOME"] = "/x", ["CLAUDE_CONFIG_DIR"] = "/c", ["CODEX_HOME"] = "/o" };
        Assert.Equal(
            ["/x/Claude/claude_desktop_config.json", "/c/.claude.json", "/h/.cursor/mcp.json", "/x/Code/User/mcp.json", "/h/.codeium/windsurf/mcp_config.json", "/o/config.toml", "/h/.gemini/settings.json", "/x/zed/settings.json"],
            McpClient.All.Select(c => c.File(variables.GetValueOrDefault)));
        Assert.Throws<QuiltException>(() => McpClient.All[0].File(_ => null));
    }

    /// <summary>Whatever a file holds, it comes out with our entry and all its own values, or is left alone with a word.</summary>
    [Fact]
    public void No_document_loses_a_value() => CsCheck.Check.Sample(CsCheck.Gen.Int[0, 1 << 20], seed =>
    {
        Random random = new(seed);
        string before = $"{{{Blank(random)}{string.Join($",{Blank(random)}", Enumerable.Range(0, random.Next(4)).Select(i => $"\"k{i}\":{Blank(random)}{Value(random, 2)}{Blank(random)}"))}{Blank(random)}}}";
        string after = McpConfigEdit.Apply(before, McpClient.Find("zed"), Entry, "f");
        JsonElement old = Parse(before), now = Parse(after);
        Assert.True(now.GetProperty("context_servers").TryGetProperty("quilt", out _));
        Assert.All(old.EnumerateObject(), p => Assert.Equal(p.Value.GetRawText(), now.GetProperty(p.Name).GetRawText()));
        Assert.Equal(before.Count(c => c == '#'), after.Count(c => c == '#'));
        Assert.Equal(after, McpConfigEdit.Apply(after, McpClient.Find("zed"), Entry, "f"));
    }, iter: 2000);

    /// <summary>Pieces that TOML is made of, in any order: what is no document is refused, and what is one keeps every value as it is written.</summary>
    [Fact]
    public void No_toml_loses_a_value_or_breaks_us() => CsCheck.Check.Sample(CsCheck.Gen.Int[0, 1 << 20], seed =>
    {
        string[] pieces = ["[", "]", "[[", "]]", "{", "}", "=", ",", ".", "\n", "\r\n", " ", "#", "a", "mcp_servers", "quilt", "env", "\"", "'", "\"\"\"", "\'\'\'", "\\", "1.5e3", "\uFEFF", "\0", "a = 1\n", "[t]\n", "b = [1, # c\n 2]\n", "[mcp_servers.quilt]\n", "args = [ 'mcp' ]\n"];
        Random random = new(seed);
        string before = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
        string after;
        try
        {
            after = McpConfigEdit.Apply(before, McpClient.Find("codex"), Entry, "f");
        }
        catch (QuiltException)
        {
            return;
        }

        TomlOutline old = TomlOutline.Of(before.TrimStart('\uFEFF')), now = TomlOutline.Of(after.TrimStart('\uFEFF'));
        Assert.NotNull(now.Key(["mcp_servers", "quilt", "command"]));
        string[] ours = ["command", "args", "QUILT_TOKEN_FILE", "env"];
        Assert.All(old.Keys.Where(k => !ours.Contains(k.Path[^1])), k => Assert.Contains(now.Keys, n => n.Path.SequenceEqual(k.Path) && (n.IsTable || Text(after, n) == Text(before, k))));
        Assert.Equal(after, McpConfigEdit.Apply(after, McpClient.Find("codex"), Entry, "f"));
    }, iter: 20000);

    [Fact]
    public void No_text_breaks_us() => CsCheck.Check.Sample(CsCheck.Gen.String, text => Assert.All(McpClient.All, client =>
    {
        try
        {
            McpConfigEdit.Apply(text, client, Entry, "f");
        }
        catch (QuiltException)
        {
            // Refused in words.
        }
    }), iter: 2000);

    private static string Text(string document, TomlOutline.TomlKey key) => document.TrimStart('\uFEFF')[key.Start..key.End];

    private static string Blank(Random random) => random.Next(6) switch { 0 => " ", 1 => "\n  ", 2 => "/* #, \"} */", 3 => " // #,{\n", _ => "" };

    private static string Value(Random random, int depth) => random.Next(depth == 0 ? 3 : 5) switch
    {
        0 => "\"a\\\"{,\"", 1 => "1.50e3", 2 => "null",
        3 => $"[{Blank(random)}{string.Join(",", Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth - 1)))}]",
        _ => $"{{{Blank(random)}{string.Join(",", Enumerable.Range(0, random.Next(3)).Select(i => $"\"n{i}\":{Value(random, depth - 1)}{Blank(random)}"))}}}",
    };

    private static JsonElement Parse(string text) => JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }).RootElement;
}
