using Grpc.Core;
using Quilt.Core;

namespace Quilt.Client;

/// <summary>Who calls, and in which session.</summary>
internal sealed record Caller(string? Token, string? Session)
{
    internal static Caller Of(QuiltClientOptions options)
    {
        string? token = options.Token ?? Variable("QUILT_TOKEN");
        if (token is null && Variable("QUILT_TOKEN_FILE") is { } file)
        {
            token = Read(file);
        }

        return new Caller(Check(token, "token"), options.Session is "" ? null : Check(options.Session ?? Variable("QUILT_SESSION"), "session"));
    }

    internal Metadata ToMetadata(string? idempotencyKey)
    {
        Metadata metadata = [];
        Add(metadata, "authorization", Token is null ? null : $"Bearer {Token}");
        Add(metadata, "quilt-session", Session);
        Add(metadata, "idempotency-key", Check(idempotencyKey, "idempotencyKey"));
        return metadata;
    }

    /// <summary>The token is nobody's to read.</summary>
    public override string ToString() => $"{(Token is null ? "operator" : "agent")} in {Session ?? "no session"}";

    private static void Add(Metadata metadata, string name, string? value)
    {
        if (value is not null)
        {
            metadata.Add(name, value);
        }
    }

    /// <summary>What a header can carry; the message does not repeat what may be a secret.</summary>
    private static string? Check(string? text, string field) => text is null || (text.Length > 0 && text.All(c => c is > ' ' and <= '~'))
        ? text
        : throw QuiltException.Invalid(field, $"{field} is empty or has characters that none has", "give it as Quilt gave it");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new QuiltException(ErrorCode.InvalidArgument, $"QUILT_TOKEN_FILE names '{file}', which cannot be read", "name a file that holds the token alone", "token", e);
        }
    }
}
