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

    internal Option<bool> Json { get; } = new(JsonName) { Description = "Print JSON, for programs", Arity = ArgumentArity.Zero };

    internal Option<bool> Help { get; } = new("--help", "-h") { Description = "Show this help", Arity = ArgumentArity.Zero };

    internal IReadOnlyList<Option> All => [Host, Json, Help];
}
