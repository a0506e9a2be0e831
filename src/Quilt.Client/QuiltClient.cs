using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Quilt.Core;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>
/// A client of quiltd. One is enough for a program: its calls share a connection, which is made when the first needs it and made
/// anew when it was lost. What fails throws a <see cref="QuiltException"/> that says what to do.
/// </summary>
public sealed partial class QuiltClient : IAsyncDisposable, IDisposable
{
    private readonly DaemonCalls _calls;
    private readonly bool _owns;

    /// <exception cref="QuiltException">Invalid argument: the options are not those of a daemon.</exception>
    public QuiltClient(QuiltClientOptions? options = null)
        : this(DaemonCalls.Open(options ?? new QuiltClientOptions()), owns: true)
    {
    }

    internal QuiltClient(DaemonCalls calls, bool owns) => (_calls, _owns) = (calls, owns);

    /// <summary>Prepares a container without starting it.</summary>
    public Task<QuiltContainer> CreateContainerAsync(ContainerOptions? options = null, CancellationToken cancellationToken = default) =>
        CreateAsync(options ?? new ContainerOptions(), start: false, cancellationToken);

    /// <summary>Creates a container and runs its command; when it returns, that has been executed.</summary>
    public Task<QuiltContainer> RunContainerAsync(ContainerOptions? options = null, CancellationToken cancellationToken = default) =>
        CreateAsync(options ?? new ContainerOptions(), start: true, cancellationToken);

    /// <summary>One that is there already. Disposing of what this returns leaves it.</summary>
    /// <param name="container">Its id, the beginning of one that no other has, or its name.</param>
    /// <exception cref="QuiltException">Not found.</exception>
    public async Task<QuiltContainer> GetContainerAsync(string container, CancellationToken cancellationToken = default)
    {
        Wire.Container found = await _calls.UnaryAsync(o => _calls.Service.GetContainerAsync(new Wire.ContainerRequest { Container = container }, o), cancellationToken).ConfigureAwait(false);
        return new QuiltContainer(_calls, ContainerInfo.Of(found), removeOnDispose: false, []);
    }

    /// <summary>Those that the caller may see.</summary>
    public async IAsyncEnumerable<ContainerInfo> ListContainersAsync(ContainerQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string cursor = "";
        do
        {
            Wire.ListContainersRequest request = (query ?? new ContainerQuery()).ToWire(cursor);
            Wire.ListContainersResponse page = await _calls.UnaryAsync(o => _calls.Service.ListContainersAsync(request, o), cancellationToken).ConfigureAwait(false);
            foreach (Wire.Container container in page.Containers)
            {
                yield return ContainerInfo.Of(container);
            }

            cursor = page.NextCursor;
        }
        while (cursor.Length > 0);
    }

    /// <summary>What happened, in order.</summary>
    public async IAsyncEnumerable<QuiltEvent> GetEventsAsync(EventQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Wire.GetEventsRequest request = (query ?? new EventQuery()).ToWire();
        await foreach (Wire.Event happened in _calls.StreamAsync(o => _calls.Service.GetEvents(request, o), null, cancellationToken).ConfigureAwait(false))
        {
            yield return QuiltEvent.Of(happened);
        }
    }

    /// <summary>Readings of all running containers, or of those named, one after another.</summary>
    /// <param name="interval">Between two readings; null: one second.</param>
    public async IAsyncEnumerable<IReadOnlyList<ContainerStats>> WatchStatsAsync(
        IReadOnlyList<string>? containers = null, TimeSpan? interval = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Wire.GetStatsRequest request = new() { Follow = true, Interval = interval?.ToDuration() };
        request.Containers.AddRange(containers ?? []);
        await foreach (Wire.GetStatsResponse reading in _calls.StreamAsync(o => _calls.Service.GetStats(request, o), null, cancellationToken).ConfigureAwait(false))
        {
            yield return [.. reading.Stats.Select(s => ContainerStats.Of(s, reading.Time))];
        }
    }

    /// <summary>The daemon's version; the cheapest way to see whether it is there.</summary>
    public async Task<string> GetVersionAsync(CancellationToken cancellationToken = default) =>
        (await _calls.UnaryAsync(o => _calls.Service.GetVersionAsync(new Wire.GetVersionRequest(), o), cancellationToken).ConfigureAwait(false)).Version;

    /// <summary>Closes the connection. Containers, and sessions that were not ended, stay.</summary>
    public void Dispose()
    {
        if (_owns)
        {
            _calls.Close();
        }
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<QuiltContainer> CreateAsync(ContainerOptions options, bool start, CancellationToken cancellation)
    {
        Wire.CreateContainerRequest request = new() { Spec = options.ToWire(), AutoStart = start };
        Wire.CreateContainerResponse created = await _calls.UnaryAsync(o => _calls.Service.CreateContainerAsync(request, o), cancellation).ConfigureAwait(false);
        return new QuiltContainer(_calls, ContainerInfo.Of(created.Container), options.RemoveOnDispose, [.. created.Warnings]);
    }
}
