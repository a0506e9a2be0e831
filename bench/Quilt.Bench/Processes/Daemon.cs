namespace Quilt.Bench.Processes;

/// <summary>A daemon of this run's own. It is ended by its pid, and killed when it does not end.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private const int Terminate = 15, Kill = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), Glance = TimeSpan.FromMilliseconds(20);

    private readonly Child _child;
    private readonly string _program, _log;
    private bool _reaped;

    private Daemon(string program, Child child, string log) => (_program, _child, _log) = (program, child, log);

    public int Pid => _child.Pid;

    /// <summary>Starts it and waits until its socket takes connections.</summary>
    /// <param name="log">Gets what it prints.</param>
    /// <exception cref="BenchException">It ended, or did not listen within half a minute; the log's end says why.</exception>
    public static Task<Daemon> StartAsync(string program, IReadOnlyList<string> arguments, string socket, string log, CancellationToken cancel) =>
        StartAsync(program, arguments, () => AnswersAsync(socket, cancel), log, cancel);

    /// <summary>Starts it and waits until <paramref name="listens"/> says that it takes connections.</summary>
    /// <param name="log">Gets what it prints.</param>
    /// <exception cref="BenchException">It ended, or did not listen within half a minute; the log's end says why.</exception>
    public static async Task<Daemon> StartAsync(string program, IReadOnlyList<string> arguments, Func<Task<bool>> listens, string log, CancellationToken cancel)
    {
        Daemon daemon = new(program, Child.Start(program, arguments, log, log, session: true), log);
        try
        {
            await daemon.AwaitListeningAsync(listens, cancel);
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_reaped)
        {
            return;
        }

        _ = LibC.kill(Pid, Terminate);
        DateTimeOffset end = TimeProvider.System.GetUtcNow() + Patience;
        while (_child.TryReap() is null)
        {
            if (TimeProvider.System.GetUtcNow() > end)
            {
                _ = LibC.kill(Pid, Kill);
                _child.Wait();
                break;
            }

            await Task.Delay(Glance);
        }

        _reaped = true;
    }

    private async Task AwaitListeningAsync(Func<Task<bool>> listens, CancellationToken cancel)
    {
        DateTimeOffset end = TimeProvider.System.GetUtcNow() + Patience;
        while (!await listens())
        {
            if (_child.TryReap() is not null)
            {
                _reaped = true;
                throw new BenchException($"'{_program}' ended before it listened: {LogEnd()}");
            }

            if (TimeProvider.System.GetUtcNow() > end)
            {
                throw new BenchException($"'{_program}' does not listen: {LogEnd()}");
            }

            await Task.Delay(Glance, cancel);
        }
    }

    /// <summary>Whether somebody listens there.</summary>
    public static async Task<bool> AnswersAsync(string socket, CancellationToken cancel)
    {
        try
        {
            await using Stream connection = await Engines.UnixSocket.ConnectAsync(socket, cancel);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private string LogEnd() => string.Join(" | ", File.ReadLines(_log).TakeLast(5));
}
