using System.Collections.Concurrent;
using Grpc.Core;
using Quilt.Api.V1;

namespace Quilt.Soak.Tests;

/// <summary>Follows the events, across the daemon's deaths: each once, in order, and none missing of what was answered.</summary>
internal sealed class EventWatch : IAsyncDisposable
{
    private readonly SoakDaemon _daemon;
    private readonly Findings _findings;
    private readonly ConcurrentDictionary<string, bool> _created = new(StringComparer.Ordinal), _removed = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _over = new();
    private readonly Task _watching;
    private long _cursor;

    internal EventWatch(SoakDaemon daemon, Findings findings)
    {
        (_daemon, _findings) = (daemon, findings);
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Waits until these were told as created and as removed.</summary>
    internal async Task CaughtUpAsync(IEnumerable<string> created, IEnumerable<string> removed)
    {
        (string[] made, string[] gone) = ([.. created], [.. removed]);
        for (int i = 0; i < 1000 && !(made.All(_created.ContainsKey) && gone.All(_removed.ContainsKey)); i++)
        {
            await Task.Delay(10);
        }

        foreach (string id in made.Where(id => !_created.ContainsKey(id)))
        {
            _findings.Add($"no event tells that {id} was created, and its creation was answered");
        }

        foreach (string id in gone.Where(id => !_removed.ContainsKey(id)))
        {
            _findings.Add($"no event tells that {id} was removed, and it is gone");
        }

        _created.Clear();
        _removed.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching;
        _over.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                await _daemon.CallAsync(FollowAsync);
            }
            catch (Exception) when (_over.IsCancellationRequested)
            {
                return;
            }
            catch (InterruptedException)
            {
                // On from the cursor.
            }
            catch (RefusedException)
            {
                await Task.Delay(50); // the host lacks something, or the time of one call is over
            }
        }
    }

    private async Task<bool> FollowAsync(QuiltService.QuiltServiceClient client, CallOptions options)
    {
        using AsyncServerStreamingCall<Event> call = client.GetEvents(new GetEventsRequest { SinceCursor = _cursor, Follow = true }, cancellationToken: _over.Token);
        while (await call.ResponseStream.MoveNext(_over.Token))
        {
            Event told = call.ResponseStream.Current;
            if (told.Cursor <= _cursor)
            {
                _findings.Add($"event {told.Cursor} was told after {_cursor}");
            }

            _cursor = told.Cursor;
            if (told.Type is "container.created")
            {
                _created[told.Container] = true;
            }
            else if (told.Type is "container.removed")
            {
                _removed[told.Container] = true;
            }
        }

        return true;
    }
}
