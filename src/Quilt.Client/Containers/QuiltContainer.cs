using Google.Protobuf.WellKnownTypes;
using Quilt.Core;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>A container. Whoever made it removes it by disposing of this, unless told otherwise by <see cref="ContainerOptions.RemoveOnDispose"/>.</summary>
public sealed partial class QuiltContainer : IAsyncDisposable
{
    private readonly DaemonCalls _calls;
    private bool _gone;

    internal QuiltContainer(DaemonCalls calls, ContainerInfo info, bool removeOnDispose, IReadOnlyList<string> warnings)
    {
        (_calls, Info, RemovesOnDispose, Warnings) = (calls, info, removeOnDispose, warnings);
    }

    public string Id => Info.Id;

    public string Name => Info.Name;

    /// <summary>As it was when the daemon was last asked through this object.</summary>
    public ContainerInfo Info { get; private set; }

    public bool RemovesOnDispose { get; }

    /// <summary>What the daemon remarked on its creation.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Asks the daemon anew.</summary>
    /// <exception cref="QuiltException">Not found: it is no more.</exception>
    public async Task<ContainerInfo> RefreshAsync(CancellationToken cancellationToken = default) =>
        Info = ContainerInfo.Of(await _calls.UnaryAsync(o => _calls.Service.GetContainerAsync(new Wire.ContainerRequest { Container = Id }, o), cancellationToken).ConfigureAwait(false));

    /// <summary>Runs its command; when it returns, that has been executed and commands can be run in it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default) =>
        Info = ContainerInfo.Of((await _calls.UnaryAsync(o => _calls.Service.StartContainerAsync(new Wire.StartContainerRequest { Container = Id }, o), cancellationToken).ConfigureAwait(false)).Container);

    /// <summary>Asks it to end, and kills it where it does not.</summary>
    /// <param name="timeout">How long it may take; null: its own. Zero kills at once.</param>
    /// <param name="signal">What asks it; null: its own.</param>
    /// <returns>Whether it had to be killed.</returns>
    public async Task<bool> StopAsync(TimeSpan? timeout = null, string? signal = null, CancellationToken cancellationToken = default)
    {
        Wire.StopContainerRequest request = new() { Container = Id, Signal = signal ?? "", Timeout = timeout?.ToDuration() };
        Wire.StopContainerResponse answer = await _calls.UnaryAsync(o => _calls.Service.StopContainerAsync(request, o), cancellationToken).ConfigureAwait(false);
        Info = ContainerInfo.Of(answer.Container);
        return answer.Forced;
    }

    /// <summary>Stops it and starts it again, its files kept.</summary>
    public async Task RestartAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Wire.RestartContainerRequest request = new() { Container = Id, Timeout = timeout?.ToDuration() };
        Info = ContainerInfo.Of((await _calls.UnaryAsync(o => _calls.Service.RestartContainerAsync(request, o), cancellationToken).ConfigureAwait(false)).Container);
    }

    /// <summary>Sends its command a signal.</summary>
    public Task KillAsync(string signal = "KILL", CancellationToken cancellationToken = default) =>
        _calls.UnaryAsync(o => _calls.Service.KillContainerAsync(new Wire.KillContainerRequest { Container = Id, Signal = signal }, o), cancellationToken);

    /// <summary>Holds all its processes until <see cref="UnpauseAsync"/>.</summary>
    public async Task PauseAsync(CancellationToken cancellationToken = default) =>
        Info = ContainerInfo.Of(await _calls.UnaryAsync(o => _calls.Service.PauseContainerAsync(new Wire.ContainerRequest { Container = Id }, o), cancellationToken).ConfigureAwait(false));

    public async Task UnpauseAsync(CancellationToken cancellationToken = default) =>
        Info = ContainerInfo.Of(await _calls.UnaryAsync(o => _calls.Service.UnpauseContainerAsync(new Wire.ContainerRequest { Container = Id }, o), cancellationToken).ConfigureAwait(false));

    /// <summary>Waits until its command has ended.</summary>
    /// <exception cref="QuiltException">Deadline exceeded: it runs on.</exception>
    public async Task<ContainerInfo> WaitForExitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Wire.WaitContainerRequest request = new() { Container = Id, Until = "exited", Timeout = timeout?.ToDuration() };
        return Info = ContainerInfo.Of((await _calls.UnaryAsync(o => _calls.Service.WaitContainerAsync(request, o), cancellationToken).ConfigureAwait(false)).Container);
    }

    /// <summary>Waits until a probe of its health has succeeded.</summary>
    /// <exception cref="QuiltException">Failed precondition: it is unhealthy, has ended, or has no health check; deadline exceeded: none has succeeded yet.</exception>
    public async Task<ContainerInfo> WaitForHealthAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Wire.WaitContainerRequest request = new() { Container = Id, Until = "healthy", Timeout = timeout?.ToDuration() };
        return Info = ContainerInfo.Of((await _calls.UnaryAsync(o => _calls.Service.WaitContainerAsync(request, o), cancellationToken).ConfigureAwait(false)).Container);
    }

    /// <summary>Waits until something in it listens on a port. Nobody is connected to.</summary>
    /// <exception cref="QuiltException">DeadlineExceeded; FailedPrecondition: it has ended.</exception>
    public async Task<ContainerInfo> WaitForPortAsync(int port, bool udp = false, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Wire.WaitContainerRequest request = new() { Container = Id, Until = "port", Port = port, Protocol = udp ? "udp" : "tcp", Timeout = timeout?.ToDuration() };
        return Info = ContainerInfo.Of((await _calls.UnaryAsync(o => _calls.Service.WaitContainerAsync(request, o), cancellationToken).ConfigureAwait(false)).Container);
    }

    /// <summary>Waits for a line of its output.</summary>
    /// <param name="pattern">A regular expression.</param>
    /// <exception cref="QuiltException">Deadline exceeded: there was none.</exception>
    public async Task<LogEntry> WaitForLogAsync(string pattern, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Wire.WaitContainerRequest request = new() { Container = Id, Until = "log", Pattern = pattern, Timeout = timeout?.ToDuration() };
        return LogEntry.Of((await _calls.UnaryAsync(o => _calls.Service.WaitContainerAsync(request, o), cancellationToken).ConfigureAwait(false)).Line);
    }

    /// <summary>Removes it and all that belongs to it.</summary>
    /// <param name="force">Kill it first where it runs.</param>
    public async Task RemoveAsync(bool force = true, CancellationToken cancellationToken = default)
    {
        await _calls.UnaryAsync(o => _calls.Service.RemoveContainerAsync(new Wire.RemoveContainerRequest { Container = Id, Force = force }, o), cancellationToken).ConfigureAwait(false);
        _gone = true;
    }

    /// <summary>Removes it where that is this object's to do. One that is gone already, or whose daemon is, is no reason to fail on the way out.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_gone || !RemovesOnDispose)
        {
            return;
        }

        try
        {
            await RemoveAsync().ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code is ErrorCode.NotFound or ErrorCode.Unavailable)
        {
            _gone = true;
        }
    }
}
