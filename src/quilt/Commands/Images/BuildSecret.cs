using System.Text;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A secret as <c>--secret</c> names it: <c>id=ID,src=FILE</c>, <c>id=ID,env=NAME</c>, or <c>id=ID,name=NAME</c> of one that the operator keeps.</summary>
/// <param name="Text">What it is; null where it has a name.</param>
internal sealed record BuildSecret(string Id, string? Text, string? Name)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private const string Remedy = "give id=ID,src=FILE, id=ID,env=VARIABLE or id=ID,name=NAME";

    internal static BuildSecret Read(string text)
    {
        IReadOnlyDictionary<string, string> parts = KeyValues.SplitList(text);
        if (!parts.TryGetValue("id", out string? id) || id.Length == 0)
        {
            throw QuiltException.Invalid("--secret", "a secret has no id", Remedy);
        }

        if (parts.GetValueOrDefault("name") is { } name)
        {
            return new BuildSecret(id, null, name);
        }

        string? variable = parts.GetValueOrDefault("env");
        string? file = parts.GetValueOrDefault("src") ?? parts.GetValueOrDefault("source") ?? (variable is null ? id : null);
        try
        {
            byte[] content = file is not null ? File.ReadAllBytes(file)
                : Strict.GetBytes(Environment.GetEnvironmentVariable(variable!) ?? throw QuiltException.Invalid("--secret", $"the environment has no '{variable}'", "set it, or name a file with src="));
            return new BuildSecret(id, Strict.GetString(content), null);
        }
        catch (DecoderFallbackException)
        {
            throw QuiltException.Invalid("--secret", $"the secret '{id}' is no text", "give it in a form that is, such as base64, and decode it where it is used");
        }
        catch (Exception e) when (Failure.IsOfFile(e))
        {
            throw QuiltException.Invalid("--secret", $"the file '{file}' of the secret '{id}' cannot be read", Remedy);
        }
    }
}
