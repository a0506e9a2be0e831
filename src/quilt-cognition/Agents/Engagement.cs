using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Client;
using Quilt.Core;

namespace Quilt.Cognition.Program;

/// <summary>
/// Who the run works as. The operator's run is an agent of its own, made of the configuration and removed at the end with all that it has; with a
/// token it is that token's agent. Either way in a session of the run's own, which ends with it, unless the caller is in one already.
/// </summary>
internal sealed class Engagement(RunOptions options, AgentFile file, string configText) : IDisposable
{
    private const int LongestBase = 50;

    /// <summary>What a run leaves that was killed ends after this time; no call waits longer.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromHours(25);

    private static readonly TimeSpan AfterTimeout = TimeSpan.FromMinutes(10), CallTimeout = TimeSpan.FromSeconds(60);
    private readonly QuiltClient _caller = new();
    private QuiltClient? _agent;
    private QuiltSession? _session;
    private bool _made;

    public string Agent { get; private set; } = "";
    public string? Session => _session?.Id ?? (_made ? null : Variable("QUILT_SESSION"));

    /// <summary>Its calls are the agent's, in the session.</summary>
    public QuiltClient Client => _session?.Client ?? _agent ?? _caller;

    /// <exception cref="QuiltException">What the daemon says.</exception>
    public async Task BeginAsync(Secrets secrets, CancellationToken cancellation)
    {
        secrets.Learn(Variable("QUILT_TOKEN"));
        if (Variable("QUILT_TOKEN_FILE") is { } tokenFile && File.Exists(tokenFile))
        {
            secrets.Learn((await File.ReadAllTextAsync(tokenFile, cancellation).ConfigureAwait(false)).Trim());
        }

        if (Variable("QUILT_TOKEN") is null && Variable("QUILT_TOKEN_FILE") is null)
        {
            await MakeAgentAsync(secrets).ConfigureAwait(false);
        }
        else
        {
            Agent = file.Name ?? "agent";
        }

        cancellation.ThrowIfCancellationRequested();
        if (_agent is null && Session is not null)
        {
            return; // whoever gave us the session ends it
        }

        try
        {
            _session = await Client.BeginSessionAsync(
                new SessionOptions { Name = "run", TimeToLive = options.Timeout + AfterTimeout, IdleTimeout = options.Timeout is null ? IdleTimeout : null }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.PermissionDenied)
        {
            // Its grant has no sessions: it works in its standing one.
        }
    }

    /// <summary>Ends the session, and removes the agent that was made; all of it is tried.</summary>
    /// <returns>What was cleaned up, a sentence each; and what could not be.</returns>
    public async Task<(IReadOnlyList<string> Cleaned, IReadOnlyList<string> Left)> EndAsync()
    {
        List<string> cleaned = [], left = [];
        if (_session is { } session)
        {
            try
            {
                SessionReport report = await session.EndAsync().ConfigureAwait(false);
                cleaned.Add($"session {session.Id} ended; {Containers([.. report.Containers.Select(c => c.Name)])} removed");
            }
            catch (QuiltException e)
            {
                // The agent's removal ends its sessions too.
                (_made ? cleaned : left).Add($"session {session.Id} could not be ended by itself: {e.Message}");
            }
        }

        if (_made)
        {
            try
            {
                JsonElement removed = await CallAsync("removeAgent", new JsonObject { ["agent"] = Agent, ["force"] = true }).ConfigureAwait(false);
                int others = removed.GetProperty("removedContainers").GetArrayLength();
                cleaned.Add($"agent {Agent} removed, with its token" + (others > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {others} more container{(others == 1 ? "" : "s")}") : ""));
            }
            catch (QuiltException e) when (e.Code == ErrorCode.NotFound)
            {
                cleaned.Add($"agent {Agent} was gone already");
            }
            catch (QuiltException e)
            {
                left.Add($"agent {Agent} could not be removed: {e.Message}; remove it with: quilt agent rm --force {Agent}");
            }
        }

        return (cleaned, left);
    }

    public void Dispose()
    {
        _agent?.Dispose();
        _caller.Dispose();
    }

    /// <summary>Not to be interrupted: what is made has to be known, to be removed.</summary>
    private async Task MakeAgentAsync(Secrets secrets)
    {
        string name = file.Name is { Length: > 0 } given ? given[..Math.Min(given.Length, LongestBase)] : "agent";
        Agent = $"{name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        JsonObject arguments = new() { ["name"] = Agent, ["configText"] = configText };
        if (options.Timeout is { } timeout)
        {
            arguments["tokenTtl"] = (timeout + AfterTimeout).TotalSeconds;
        }

        _made = true; // from here on it may be there
        JsonElement made;
        try
        {
            made = await CallAsync("createAgent", arguments).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code is not (ErrorCode.Unavailable or ErrorCode.DeadlineExceeded or ErrorCode.Internal))
        {
            _made = false;
            throw;
        }

        string token = made.GetProperty("token").GetString()!;
        secrets.Learn(token);

        // The session that the environment names is its maker's.
        _agent = new QuiltClient(new QuiltClientOptions { Token = token, Session = "" });
    }

    private Task<JsonElement> CallAsync(string tool, JsonObject arguments) =>
        _caller.CallToolAsync(tool, JsonSerializer.SerializeToElement(arguments), new ToolCallOptions { Timeout = CallTimeout });

    private static string Containers(string[] names) => names.Length switch
    {
        0 => "no container was left to be",
        1 => $"its container {names[0]} was",
        _ => $"its {names.Length} containers {string.Join(", ", names)} were",
    };

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
