using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

internal static class TerminalCheck
{
    /// <exception cref="QuiltException">Invalid argument: a terminal is wanted where there is none to show it on.</exception>
    internal static void ThrowIfUnfit(Invocation call, bool stdin, bool tty)
    {
        if (tty && call.Json)
        {
            throw QuiltException.Invalid("--tty", "--tty and --json do not go together", "leave one of them out");
        }

        if (tty && stdin && !TerminalMode.IsTerminal(StandardStreams.Stdin))
        {
            throw QuiltException.Invalid("--tty", "stdin is not a terminal", "leave --tty out, or run quilt in a terminal");
        }
    }
}
