using System.Text.Json;
using Quilt.Core;

namespace Quilt.Client;

/// <summary>A session: what is made in it ends with it. Disposing of this ends it.</summary>
public sealed class QuiltSession : IAsyncDisposable
{
    private bool _ended;

    internal QuiltSession(QuiltClient client, SessionAnswer session)
    {
        (Client, Id, Name, Agent, ExpiresAt) = (client, session.Id, session.Name, session.Agent, session.ExpiresAt);
    }

    public string Id { get; }

    public string? Name { get; }

    /// <summary>Whose it is.</summary>
    public string? Agent { get; }

    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Its calls are in this session. It shares the connection of the client that the session was begun with.</summary>
    public QuiltClient Client { get; }

    /// <summary>Ends it now and tells what became of its containers.</summary>
    public async Task<SessionReport> EndAsync(CancellationToken cancellationToken = default)
    {
        JsonElement arguments = JsonSerializer.SerializeToElement(new EndSessionArguments(Id), ClientJson.Default.EndSessionArguments);
        JsonElement answer = await Client.CallToolAsync("endSession", arguments, null, cancellationToken).ConfigureAwait(false);
        _ended = true;
        return answer.Deserialize(ClientJson.Default.EndSessionAnswer)?.Report ?? SessionReport.Empty;
    }

    /// <summary>One that has ended already, or whose daemon is gone, is no reason to fail on the way out.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return;
        }

        try
        {
            await EndAsync().ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code is ErrorCode.NotFound or ErrorCode.FailedPrecondition or ErrorCode.Unavailable)
        {
            _ended = true;
        }
    }
}
