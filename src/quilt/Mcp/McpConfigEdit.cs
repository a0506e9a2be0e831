using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>From the text of a client's configuration to the same with our entry in it.</summary>
internal static class McpConfigEdit
{
    private static readonly string[] OtherKinds = ["url", "serverUrl", "httpUrl"];

    /// <summary>What is in it stays, to the byte; what is as wanted already is not written anew.</summary>
    /// <param name="text">Empty where there is no file yet.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="QuiltException">Failed precondition: nothing can be added to it without risking what is there.</exception>
    internal static string Apply(string text, McpClient client, McpServerEntry entry, string file)
    {
        const char byteOrderMark = '\uFEFF';
        string mark = text.StartsWith(byteOrderMark) ? byteOrderMark.ToString() : "";
        try
        {
            return mark + (client.Format == McpConfigFormat.Toml ? ApplyToml(text[mark.Length..], client, entry) : ApplyJson(text[mark.Length..], client, entry));
        }
        catch (JsonException e)
        {
            string comments = client.Format == McpConfigFormat.Json ? ", which has no comments," : "";
            throw Unreadable(file, $"is no JSON{comments} in line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", client, e);
        }
        catch (FormatException e)
        {
            throw Unreadable(file, $"is no TOML: {e.Message}", client, e);
        }
    }

    /// <summary>Our entry alone, as it stands in the client's configuration.</summary>
    internal static string Snippet(McpClient client, McpServerEntry entry) =>
        client.Format == McpConfigFormat.Toml ? TomlText.Block(client.Servers, entry) : ApplyJson("", client, entry);

    internal static QuiltException OtherKind(string name) => new(
        ErrorCode.AlreadyExists, $"there is a server '{name}' of another kind", "give ours another name by --name, or remove that one", "--name");

    private static string ApplyJson(string text, McpClient client, McpServerEntry entry)
    {
        JsonText json = new(text, client.Format == McpConfigFormat.JsonWithComments);
        string[] path = [client.Servers, entry.Name];
        JsonObject wanted = entry.ToJson(client.SaysType);
        if (json.Find(path) is not { ValueKind: JsonValueKind.Object } there)
        {
            json.Set(path, wanted);
            return json.ToString();
        }

        if (OtherKinds.Any(k => there.TryGetProperty(k, out _)))
        {
            throw OtherKind(entry.Name);
        }

        foreach ((string name, JsonNode? value) in wanted)
        {
            if (value is JsonObject variables)
            {
                foreach ((string variable, JsonNode? content) in variables)
                {
                    json.Set([.. path, name, variable], content!.DeepClone());
                }
            }
            else
            {
                json.Set([.. path, name], value!.DeepClone());
            }
        }

        return json.ToString();
    }

    private static string ApplyToml(string text, McpClient client, McpServerEntry entry)
    {
        TomlText toml = new(text);
        toml.Set(client.Servers, entry);
        return toml.ToString();
    }

    private static QuiltException Unreadable(string file, string why, McpClient client, Exception inner) => new(
        ErrorCode.FailedPrecondition, $"{file} {why}", $"mend it, or write there yourself what 'quilt mcp install {client.Name} --print' shows", "CLIENT", inner);
}
