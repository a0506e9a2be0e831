using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>The option that says which keys let go of a command at a terminal, and what is said when they did.</summary>
internal sealed class DetachOption(CliCommand command)
{
    private const string Name = "--detach-keys";
    private readonly Option<string?> _keys = command.Value("KEYS", $"At a terminal: let go of it by these keys, and let it go on (default {DetachKeys.Usual}; '' for none)", Name);

    /// <param name="terminal">Whether keys are typed at a terminal, and go to the command.</param>
    /// <exception cref="QuiltException">InvalidArgument: no such keys, or they are given where there is no terminal.</exception>
    internal DetachKeys? Read(Invocation call, bool terminal)
    {
        string? given = call.Get(_keys);
        return given is not null && !terminal
            ? throw QuiltException.Invalid(Name, $"{Name} '{given}' is given where no keys are typed at a terminal", $"leave {Name} out, or have a terminal: -it")
            : DetachKeys.Parse(given ?? DetachKeys.Usual, Name);
    }

    /// <param name="remedy">How to come back to it.</param>
    /// <returns>The exit code.</returns>
    internal static int Tell(Invocation call, string what, string remedy)
    {
        call.Streams.Error.WriteLine($"\nlet go of {what}, which goes on; {remedy}");
        return 0;
    }
}
