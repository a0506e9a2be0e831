using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>Our terminal passing every key on as it is, while a command in a container has it; as it was before, afterwards.</summary>
internal sealed class RawTerminal : IDisposable
{
    private readonly FileDescriptor _terminal;
    private readonly TerminalMode _before;
    private int _restored;

    private RawTerminal(FileDescriptor terminal, TerminalMode before)
    {
        (_terminal, _before) = (terminal, before);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        before.Raw().Apply(terminal);
    }

    /// <summary>Null where it is no terminal.</summary>
    internal static RawTerminal? TryEnter(FileDescriptor terminal) =>
        TerminalMode.TryGet(terminal) is { } before ? new RawTerminal(terminal, before) : null;

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        if (Interlocked.Exchange(ref _restored, 1) == 0)
        {
            try
            {
                _before.Apply(_terminal);
            }
            catch (SyscallException)
            {
                // It has hung up: there is no mode to give back.
            }
        }
    }

    private void OnExit(object? sender, EventArgs e) => Dispose();
}
