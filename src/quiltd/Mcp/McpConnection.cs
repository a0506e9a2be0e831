using Quilt.Aria;

namespace Quilt.Daemon;

/// <summary>One client of the Model Context Protocol: who it is, and the session that is as long as its connection.</summary>
/// <param name="call">What the present request says of its caller.</param>
/// <param name="lazy">Shows a handful of tools, and lets it find the others.</param>
/// <param name="stays">It is a connection, with a session of its own; otherwise each request stands alone.</param>
internal sealed class McpConnection(AgentLayer agents, Func<Call> call, bool lazy, bool stays)
{
    private readonly Lock _beginning = new();
    private Lifespan? _session;

    internal bool Lazy => lazy;

    /// <summary>It can be told of what happens between its requests.</summary>
    internal bool Stays => stays;

    internal Call Call
    {
        get
        {
            Call present = call();
            return present.Session is null && _session is { } session ? present with { Session = session.Id } : present;
        }
    }

    internal Caller Authenticate() => agents.Execution.Authenticate(Call);

    /// <summary>The call of something that may be as long as the session: it begins with the first of them.</summary>
    /// <param name="anew">Where it has ended, another begins.</param>
    internal Call CallInSession(bool anew)
    {
        if (stays && call().Session is null)
        {
            lock (_beginning)
            {
                if (_session is null || (anew && !agents.Lifespans.IsOpen(_session.Id)))
                {
                    _session = agents.BeginConnection(agents.Execution.Authenticate(call()).Agent);
                }
            }
        }

        return Call;
    }

    /// <summary>The client has ended it, as it may.</summary>
    internal Task EndAsync() => _session is { } session ? agents.Lifespans.EndAsync(session.Id) : Task.CompletedTask;

    /// <summary>The client is gone without a word.</summary>
    internal void Vanish()
    {
        if (_session is { } session)
        {
            agents.Lifespans.Vanish(session.Id);
        }
    }
}
