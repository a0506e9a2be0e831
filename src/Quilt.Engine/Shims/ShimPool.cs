using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>Shims that are started and wait for a container, made by a spawner: this process, large and with many threads, never forks.</summary>
internal sealed partial class ShimPool(EngineOptions options, ILogger<ShimPool> logger) : IAsyncDisposable
{
    /// <summary>So long after the last use more may wait than are made ahead.</summary>
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<ShimLink> _warm = new();
    private readonly SemaphoreSlim _asking = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private Process? _spawner;
    private long _lastUse;
    private Task _filling = Task.CompletedTask, _shrinking = Task.CompletedTask;

    internal int WarmCount => _warm.Count;

    /// <summary>A shim without a container; one that waits where there is one.</summary>
    /// <exception cref="QuiltException">ResourceExhausted: the host gives us no more processes.</exception>
    internal async Task<ShimLink> TakeAsync(CancellationToken cancellation)
    {
        Volatile.Write(ref _lastUse, Environment.TickCount64);
        while (_warm.TryDequeue(out ShimLink? link))
        {
            if (!link.IsBroken)
            {
                return link;
            }

            link.Dispose();
        }

        return await SpawnAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Of a container that has ended: the next one has it, unless enough wait already. Nobody waits for that.</summary>
    internal void GiveBack(ShimLink used) => _ = GiveBackAsync(used);

    private async Task GiveBackAsync(ShimLink used)
    {
        // More than are made ahead: where containers come and go, none is started or ended for that.
        if (_warm.Count >= 2 * options.WarmShims)
        {
            used.Dispose();
        }
        else if (await used.RecycleAsync().ConfigureAwait(false) is { } fresh)
        {
            _warm.Enqueue(fresh);
            if (_closing.IsCancellationRequested)
            {
                LetGo(keep: 0);
            }
            else if (_warm.Count > options.WarmShims && _shrinking.IsCompleted)
            {
                _shrinking = ShrinkAsync();
            }
        }
    }

    private async Task ShrinkAsync()
    {
        while (!_closing.IsCancellationRequested && Environment.TickCount64 - Volatile.Read(ref _lastUse) < (long)Busy.TotalMilliseconds)
        {
            await Task.Delay(Busy, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        LetGo(keep: options.WarmShims);
    }

    /// <summary>Makes up for what was taken, while nobody waits.</summary>
    internal void Refill()
    {
        if (_filling.IsCompleted && _warm.Count < options.WarmShims && !_closing.IsCancellationRequested)
        {
            _filling = Task.Run(FillAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _filling.ConfigureAwait(false);
        LetGo(keep: 0);
        if (_spawner is not null)
        {
            _spawner.StandardInput.Close();
            await _spawner.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            _spawner.Dispose();
        }

        _asking.Dispose();
        _closing.Dispose();
    }

    private void LetGo(int keep)
    {
        while (_warm.Count > keep && _warm.TryDequeue(out ShimLink? link))
        {
            link.Dispose();
        }
    }

    private async Task FillAsync()
    {
        try
        {
            while (_warm.Count < options.WarmShims)
            {
                _warm.Enqueue(await SpawnAsync(_closing.Token).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
        catch (Exception e) when (e is QuiltException or SyscallException or IOException or Win32Exception)
        {
            // Whoever needs one tries again, and is told.
            LogNoWarmShim(e);
        }
    }

    private async Task<ShimLink> SpawnAsync(CancellationToken cancellation)
    {
        // First, or one were made to which nobody could come.
        using SocketAhead ahead = ShimConnection.Ahead(options.ShimSockets);
        await _asking.WaitAsync(cancellation).ConfigureAwait(false);
        string? line;
        try
        {
            Process spawner = Spawner();

            // Not cancelled half-way: the answer must not be left for the next one who asks.
            await spawner.StandardInput.WriteAsync("spawn\n").ConfigureAwait(false);
            await spawner.StandardInput.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            line = await spawner.StandardOutput.ReadLineAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException)
        {
            line = null;
        }
        finally
        {
            _asking.Release();
        }

        if (line?.Split(' ', 2) is not [not "error", string socket])
        {
            throw new QuiltException(
                ErrorCode.ResourceExhausted, $"no shim could be started: {line ?? "the spawner has ended"}", "check the host's limits of processes and memory; then try again");
        }

        try
        {
            return await ShimLink.OpenAsync(socket, cancellation, ahead).ConfigureAwait(false);
        }
        catch
        {
            File.Delete(socket); // nobody else knows of it: the shim goes by itself, where it has not gone
            throw;
        }
    }

    /// <summary>Started anew when it has died; the shims that it made live on without it.</summary>
    private Process Spawner()
    {
        if (_spawner is { HasExited: false })
        {
            return _spawner;
        }

        _spawner?.Dispose();
        _spawner = null;
        ProcessStartInfo start = new(options.ShimProgram, ["--spawner", "--run-dir", options.RunDir, "--keep", options.StateDir, "--keep", MemoryFolder.TryFind(options.RunDir) ?? options.RunDir, "--cgroup-parent", options.CgroupParent])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            return _spawner = Process.Start(start)!;
        }
        catch (Win32Exception e) when (HostShortage.Of(e) is null)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"quilt-shim cannot be started: {e.Message}", "build or install it beside quiltd, or give its path with --shim", null, e);
        }
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "no shim could be made ready ahead")]
    private partial void LogNoWarmShim(Exception failure);
}
