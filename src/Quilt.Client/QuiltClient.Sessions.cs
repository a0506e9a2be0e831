using System.Globalization;
using System.Text.Json;

namespace Quilt.Client;

public sealed partial class QuiltClient
{
    /// <summary>Begins a session; what is made through its <see cref="QuiltSession.Client"/> ends with it.</summary>
    public async Task<QuiltSession> BeginSessionAsync(SessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        BeginSessionArguments arguments = new()
        {
            Name = options?.Name, Ttl = Seconds(options?.TimeToLive), IdleTimeout = Seconds(options?.IdleTimeout), OrphanGrace = Seconds(options?.OrphanGrace),
        };
        BeginSessionAnswer answer = await CallToolAsync(
            "beginSession", arguments, ClientJson.Default.BeginSessionArguments, ClientJson.Default.BeginSessionAnswer, null, cancellationToken).ConfigureAwait(false);
        return new QuiltSession(InSession(answer.Session.Id), answer.Session);
    }

    /// <summary>A client whose calls are in a session that is there already; it shares this one's connection.</summary>
    public QuiltClient InSession(string session) => new(_calls.In(session), owns: false);

    private static string? Seconds(TimeSpan? span) => span is { } time ? time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s" : null;
}
