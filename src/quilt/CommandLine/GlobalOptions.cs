using System.CommandLine;

namespace Quilt.Cli;

/// <summary>The options that every command takes, before or after its name.</summary>
internal sealed class GlobalOptions
{
    internal const string JsonName = "--json";

    internal Option<string?> Host { get; } = new("--host", "-H")
    {
        Description = "Where quiltd listens: unix:///path (else QUILT_HOST, else unix:///run/quilt/quilt.sock)", HelpName = "ADDRESS", Arity = ArgumentArity.ExactlyOne,
    };

    internal Option<string?> Token { get; } = new("--token")
    {
        Description = "The agent we speak for (else QUILT_TOKEN, else the file named by QUILT_TOKEN_FILE; without, the operator)", HelpName = "TOKEN", Arity = ArgumentArity.ExactlyOne,
    };

    internal Option<string?> Session { get; } = new("--session")
    {
        Description = "The session we are in (else QUILT_SESSION, else the agent's standing one)", HelpName = "ID", Arity = ArgumentArity.ExactlyOne,
    };

    internal Option<bool> Json { get; } = new(JsonName) { Description = "Print JSON, for programs", Arity = ArgumentArity.Zero };

    internal Option<bool> Help { get; } = new("--help", "-h") { Description = "Show this help", Arity = ArgumentArity.Zero };

    internal IReadOnlyList<Option> All => [Host, Token, Session, Json, Help];
}
