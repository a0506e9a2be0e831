using System.Runtime.InteropServices;

namespace Quilt.Cognition.Program;

/// <summary>The first SIGINT or SIGTERM stops the run in order; the second ends the process as it would have.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _interrupted = new();
    private readonly List<PosixSignalRegistration> _signals = [];

    public Interruption(Action tell)
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                if (!_interrupted.IsCancellationRequested)
                {
                    context.Cancel = true;
                    tell();
                    _interrupted.Cancel();
                }
            }));
        }
    }

    public CancellationToken Token => _interrupted.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        _interrupted.Dispose();
    }
}
