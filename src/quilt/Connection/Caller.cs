using Grpc.Core;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Who calls, and in which session. The operator in no session is neither, and has nothing to say of it.</summary>
/// <param name="Token">Names an agent; null for the operator.</param>
internal sealed record Caller(string? Token, string? Session)
{
    internal const string TokenVariable = "QUILT_TOKEN", TokenFileVariable = "QUILT_TOKEN_FILE", SessionVariable = "QUILT_SESSION";

    /// <summary>The option wins over the variable, and that over the file that a variable names.</summary>
    /// <exception cref="QuiltException">Invalid argument: no token can read so, or the file is not there for us.</exception>
    internal static Caller Choose(string? token, string? session, Func<string, string?> environment)
    {
        string? given = token is not null ? Check(token, "--token") : Variable(TokenVariable, environment);
        if (given is null && environment(TokenFileVariable) is { Length: > 0 } file)
        {
            given = Check(Read(file).Trim(), TokenFileVariable);
        }

        return new Caller(given, session is not null ? Check(session, "--session") : Variable(SessionVariable, environment));
    }

    /// <summary>As each call carries it; null where there is nothing to carry.</summary>
    internal Metadata? ToMetadata()
    {
        string? trace = CommandTrace.Parent;
        if (Token is null && Session is null && trace is null)
        {
            return null;
        }

        Metadata metadata = [];
        if (trace is not null)
        {
            metadata.Add(Telemetry.TraceHeader, trace);
        }

        if (Token is not null)
        {
            metadata.Add("authorization", $"Bearer {Token}");
        }

        if (Session is not null)
        {
            metadata.Add("quilt-session", Session);
        }

        return metadata;
    }

    /// <summary>The token is nobody's to read.</summary>
    public override string ToString() => $"{(Token is null ? "operator" : "agent")} in {Session ?? "no session"}";

    private static string? Variable(string name, Func<string, string?> environment) =>
        environment(name) is { Length: > 0 } text ? Check(text, name) : null;

    /// <summary>What a header can carry; the message does not repeat what may be a secret.</summary>
    private static string Check(string text, string field) => text.Length > 0 && text.All(c => c is > ' ' and <= '~')
        ? text
        : throw QuiltException.Invalid(field, $"{field} is empty or has characters that no token or session has", "give it as 'quilt agent create' or 'quilt session begin' printed it");

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw QuiltException.Invalid(TokenFileVariable, $"{TokenFileVariable} names '{file}', which cannot be read", "name a file that holds the token alone and that you may read");
        }
    }
}
