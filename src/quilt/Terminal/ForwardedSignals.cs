using System.Runtime.InteropServices;

namespace Quilt.Cli;

/// <summary>Signals to us that are meant for the command we stand for.</summary>
internal sealed class ForwardedSignals : IDisposable
{
    private const int User1 = 10, User2 = 12;
    private static readonly (PosixSignal Signal, string Name, int Number)[] Known =
    [
        (PosixSignal.SIGHUP, "HUP", 1), (PosixSignal.SIGINT, "INT", 2), (PosixSignal.SIGQUIT, "QUIT", 3), (PosixSignal.SIGTERM, "TERM", 15),
        ((PosixSignal)User1, "USR1", User1), ((PosixSignal)User2, "USR2", User2),
    ];

    /// <summary>So many may wait for the daemon's answer; one more, and it is us whom somebody wants to end.</summary>
    private const int MostUnanswered = 2;

    private readonly PosixSignalRegistration[] _registrations;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _early = new();
    private Func<string, Task>? _target;
    private int _unanswered;

    internal ForwardedSignals() => _registrations = Array.ConvertAll(Known, k => PosixSignalRegistration.Create(k.Signal, context =>
    {
        context.Cancel = true;
        Take(k.Name, k.Number);
    }));

    /// <summary>Cancelled by a signal that comes before there is a command to pass it on to.</summary>
    internal CancellationToken Early => _early.Token;

    /// <summary>The number of that signal; 0 where none came.</summary>
    internal int EarlySignal { get; private set; }

    /// <summary>From now on they go to the command.</summary>
    /// <param name="target">Takes a signal's name; begun on the thread that signals come on, which it must not hold.</param>
    internal void PassTo(Func<string, Task> target)
    {
        lock (_lock)
        {
            _early.Token.ThrowIfCancellationRequested();
            _target = target;
        }
    }

    public void Dispose()
    {
        Array.ForEach(_registrations, r => r.Dispose());
        _early.Dispose();
    }

    private void Take(string name, int number)
    {
        lock (_lock)
        {
            if (_target is { } target)
            {
                EndUnless(Interlocked.Increment(ref _unanswered) <= MostUnanswered, number);
                _ = SendAsync(target, name);
                return;
            }

            EndUnless(EarlySignal == 0, number);
            EarlySignal = number;
        }

        _early.Cancel();
    }

    private async Task SendAsync(Func<string, Task> target, string name)
    {
        await target(name).ConfigureAwait(false);
        Interlocked.Decrement(ref _unanswered);
    }

    /// <summary>A daemon that does not answer must not make us unstoppable.</summary>
    private static void EndUnless(bool patient, int number)
    {
        if (!patient)
        {
            Environment.Exit(128 + number);
        }
    }
}
