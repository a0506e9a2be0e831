using System.Runtime.InteropServices;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>Tells the command's terminal each new size of ours.</summary>
internal sealed class WindowSize : IDisposable
{
    private readonly PosixSignalRegistration _registration;

    internal WindowSize(InputSender sender) => _registration = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ =>
    {
        if (OfTerminal() is { } size)
        {
            sender.SendSize(size);
        }
    });

    /// <summary>The size of the terminal we are shown on, or type into; null without one.</summary>
    internal static TerminalSize? OfTerminal() =>
        TerminalMode.TryGetSize(StandardStreams.Stdout) ?? TerminalMode.TryGetSize(StandardStreams.Stdin) ?? TerminalMode.TryGetSize(StandardStreams.Stderr);

    internal static Api.V1.TerminalSize? ToSend() =>
        OfTerminal() is { } size ? new Api.V1.TerminalSize { Columns = size.Columns, Rows = size.Rows } : null;

    public void Dispose() => _registration.Dispose();
}
