using Microsoft.Extensions.Logging;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>
/// Links that open the dashboard. What stands in a link others on the host may read on its way to a browser, on a command line above all: so it has no
/// token, but a code that is exchanged for one once, and soon.
/// </summary>
public sealed partial class DashboardLinks
{
    private const string Remedy = "make another, and open it at once: quilt dashboard";

    private static readonly TimeSpan UsualTime = TimeSpan.FromHours(12), LongestTime = TimeSpan.FromDays(1), CodeHolds = TimeSpan.FromMinutes(1);
    private readonly TokenStore _tokens;
    private readonly AgentRegistry _agents;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();

    // By the code's hash, as tokens are; opened ones too, for as long as their tokens are good.
    private readonly Dictionary<string, Link> _links = new(StringComparer.Ordinal);

    internal DashboardLinks(TokenStore tokens, AgentRegistry agents, TimeProvider time, ILogger<DashboardLinks> logger) =>
        (_tokens, _agents, _time, _logger) = (tokens, agents, time, logger);

    /// <summary>With a token of an agent below the caller, or of the operator's own, which is good for the dashboard alone.</summary>
    /// <param name="agent">Empty: the operator, who then has to be the caller.</param>
    /// <param name="ttl">Of the token. Null: half a day.</param>
    /// <exception cref="QuiltException">InvalidArgument; NotFound: the agent.</exception>
    public (Token Token, string Code) Make(Caller caller, string agent, TimeSpan? ttl)
    {
        TimeSpan lasts = ttl ?? UsualTime;
        if (lasts <= TimeSpan.Zero || lasts > LongestTime)
        {
            throw QuiltException.Invalid("ttl", $"a ttl of {DurationText.Format(lasts)} cannot be used", $"give more than 0 s and at most {DurationText.Format(LongestTime)}");
        }

        Agent whose = _agents.Find(agent, caller.Agent);
        if (whose.Id == caller.Agent.Id && !whose.IsOperator)
        {
            // A token that ends must not make one that does not.
            throw QuiltException.Invalid("agent", "an agent cannot make tokens of itself", "open the dashboard's address and give it your own token");
        }

        return Make(whose, lasts);
    }

    internal (Token Token, string Code) Make(Agent whose, TimeSpan lasts)
    {
        DateTimeOffset now = _time.GetUtcNow();
        Forget(now);
        (Token token, string secret) = _tokens.CreateForLink(whose, lasts);
        string code = Token.NewSecret();
        lock (_lock)
        {
            _links.Add(KeyOf(code), new Link(token, secret, now + CodeHolds));
        }

        return (token, code);
    }

    /// <summary>Those that are over. The token of one that nobody has opened, and nobody can any more, counts among its agent's until then.</summary>
    private void Forget(DateTimeOffset now)
    {
        lock (_lock)
        {
            foreach ((string key, Link link) in _links.Where(l => (l.Value.Opened ? l.Value.Token.ExpiresAt : l.Value.OpensUntil) <= now).ToArray())
            {
                _tokens.Forget(link.Token);
                _links.Remove(key);
            }
        }
    }

    /// <summary>Who comes second ends what the first has: one of the two is not who the link was made for (RFC 6749, 4.1.2).</summary>
    /// <returns>The token itself.</returns>
    /// <exception cref="QuiltException">Unauthenticated: there is no such link, or it was opened before, or it is too old.</exception>
    public string Exchange(string code)
    {
        string key = KeyOf(code);
        lock (_lock)
        {
            if (!_links.TryGetValue(key, out Link? link))
            {
                throw TokenStore.Refused("the link is not known", Remedy);
            }

            if (link.Opened)
            {
                _links.Remove(key);
                _tokens.Forget(link.Token);
                LogOpenedTwice(link.Token.Id);
                throw TokenStore.Refused("the link was opened before, and what was opened with it has ended now", $"see 'quilt audit' if it was not you; {Remedy}");
            }

            if (link.OpensUntil <= _time.GetUtcNow())
            {
                throw TokenStore.Refused($"the link is older than {DurationText.Format(CodeHolds)}", Remedy);
            }

            _links[key] = link with { Opened = true };
            return link.Secret;
        }
    }

    [LoggerMessage(EventId = 102, Level = LogLevel.Warning, Message = "a link to the dashboard was opened a second time: its token {Token} has ended")]
    private partial void LogOpenedTwice(string token);

    private static string KeyOf(string code) => Convert.ToHexString(Token.Hash(code));

    /// <param name="Secret">The token itself, here and in the browser alone.</param>
    private sealed record Link(Token Token, string Secret, DateTimeOffset OpensUntil)
    {
        internal bool Opened { get; init; }

        private bool PrintMembers(System.Text.StringBuilder builder)
        {
            builder.Append("Token = ").Append(Token.Id);
            return true;
        }
    }
}
