using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class CompletionCommand : CliCommand
{
    internal static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    private readonly Argument<string> _shell;

    internal CompletionCommand()
        : base("completion", "Print a shell's completion script") => _shell = Word("SHELL");

    internal override string Usage => "bash|zsh|fish";

    internal override string Details => "Commands, options, and the names of containers, images, tools, agents, sessions and tasks are completed, as the daemon knows them at the time.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("source <(quilt completion bash)", "In this shell"),
        new("quilt completion fish | install -D -m 644 /dev/stdin ~/.config/fish/completions/quilt.fish", "For good"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Shell;

    internal override Task<int> RunAsync(Invocation call)
    {
        string shell = call.Get(_shell)!;
        call.Out.Write(shell switch
        {
            "bash" => CompletionScripts.Bash,
            "zsh" => CompletionScripts.Zsh,
            "fish" => CompletionScripts.Fish,
            _ => throw QuiltException.Invalid("SHELL", $"there is no completion for '{shell}'", "use bash, zsh or fish"),
        });
        return Task.FromResult(0);
    }
}
