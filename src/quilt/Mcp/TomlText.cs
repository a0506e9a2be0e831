using System.Text;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A TOML document as text, in which the entry of one server is set while every other byte stays.</summary>
internal sealed class TomlText
{
    private string _text;

    /// <exception cref="FormatException">It is no TOML, and says where.</exception>
    internal TomlText(string text)
    {
        _text = text;
        _ = TomlOutline.Of(text);
    }

    public override string ToString() => _text;

    /// <summary>Makes the server's table, or sets in it what is not so already.</summary>
    /// <exception cref="QuiltException">Failed precondition: the entry is another kind of server's, or written in a way that we do not change.</exception>
    internal void Set(string servers, McpServerEntry entry)
    {
        string[] table = [servers, entry.Name];
        TomlOutline outline = TomlOutline.Of(_text);
        if (outline.Key([.. table, "url"]) is not null)
        {
            throw McpConfigEdit.OtherKind(entry.Name);
        }

        if (!outline.Has(table))
        {
            if (outline.Key([servers]) is not null)
            {
                throw Unfit(servers);
            }

            Append(Block(servers, entry));
            return;
        }

        SetKey(table, "command", Quote(entry.Command));
        SetKey(table, "args", List(entry.Arguments));
        foreach ((string name, string value) in entry.Environment)
        {
            SetKey([.. table, "env"], name, Quote(value));
        }
    }

    /// <summary>What <see cref="Set"/> writes where there is nothing of the server yet.</summary>
    internal static string Block(string servers, McpServerEntry entry)
    {
        StringBuilder block = new();
        string table = $"{servers}.{Name(entry.Name)}";
        block.Append($"[{table}]\ncommand = {Quote(entry.Command)}\nargs = {List(entry.Arguments)}\n");
        if (entry.Environment.Count > 0)
        {
            block.Append($"\n[{table}.env]\n");
            foreach ((string name, string value) in entry.Environment)
            {
                block.Append($"{Name(name)} = {Quote(value)}\n");
            }
        }

        return block.ToString();
    }

    private void SetKey(string[] table, string name, string value)
    {
        TomlOutline outline = TomlOutline.Of(_text);
        if (outline.Key([.. table, name]) is { } known)
        {
            if (TomlOutline.Same(_text[known.Start..known.End], value))
            {
                return;
            }

            if (known.HoldsComment)
            {
                throw Unfit(string.Join('.', (string[])[.. table, name]));
            }

            _text = _text[..known.Start] + value + _text[known.End..];
        }
        else if (outline.Key(table) is { IsTable: true } inline)
        {
            // Inside the braces, behind what is there.
            int close = inline.End - 1;
            string before = _text[..close].TrimEnd();
            string separator = before.EndsWith('{') ? " " : before.EndsWith(',') ? " " : ", ";
            _text = $"{before}{separator}{Name(name)} = {value} {_text[close..]}";
        }
        else if (outline.Table(table) is { } section)
        {
            _text = $"{_text[..section.End]}{(section.End > 0 && _text[section.End - 1] != '\n' ? "\n" : "")}{Name(name)} = {value}\n{_text[section.End..]}";
        }
        else if (!outline.Has(table) && outline.Table(table.AsSpan(0, table.Length - 1)) is not null)
        {
            Append($"[{string.Join('.', table.Select(Name))}]\n{Name(name)} = {value}\n");
        }
        else
        {
            throw Unfit(string.Join('.', table));
        }
    }

    private void Append(string block)
    {
        string end = _text.Length == 0 ? "" : _text.EndsWith('\n') ? "\n" : "\n\n";
        _text += end + block;
    }

    private static string Name(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name : Quote(name);

    private static string List(IEnumerable<string> items) => $"[{string.Join(", ", items.Select(Quote))}]";

    /// <summary>A basic string: what JSON writes is one, but for DEL, which JSON leaves as it is.</summary>
    private static string Quote(string text) =>
        System.Text.Json.Nodes.JsonValue.Create(text).ToJsonString().Replace("\x7f", "\\u007F", StringComparison.Ordinal);

    private static QuiltException Unfit(string what) => new(
        ErrorCode.FailedPrecondition, $"'{what}' is written in a way that cannot be changed without losing something", "see what --print shows, and write it there yourself");
}
