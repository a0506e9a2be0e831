using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Storage;

namespace Quilt.Aria;

/// <summary>Makes tokens, knows them again, and revokes them.</summary>
public sealed class TokenStore
{
    private const int Most = 100; // of an agent's own
    private static readonly TimeSpan UseIsToldEvery = TimeSpan.FromMinutes(1);
    private readonly Database _database;
    private readonly AgentRegistry _agents;
    private readonly Lock _making = new(), _lock = new();

    // By the hash, which nobody can choose: looking it up tells nothing of a token.
    private readonly Dictionary<string, Token> _byHash = new(StringComparer.Ordinal);

    // By the hash too: what ends the calls that were opened with a token, of those that any was.
    private readonly Dictionary<string, CancellationTokenSource> _ends = new(StringComparer.Ordinal);

    internal TokenStore(Database database, AgentRegistry agents)
    {
        (_database, _agents) = (database, agents);
        foreach ((string hash, Token token) in database.Read(
            "SELECT hash, id, agent, created_at, expires_at, revoked, used_at FROM token",
            row => (Convert.ToHexString((byte[])row.GetValue(0)), new Token(row.GetString(1), row.GetString(2), Time(row.GetInt64(3)), row.IsDBNull(4) ? null : Time(row.GetInt64(4)))
            {
                Revoked = row.GetInt64(5) != 0,
                UsedAt = row.IsDBNull(6) ? null : Time(row.GetInt64(6)),
            })))
        {
            _byHash.Add(hash, token);
        }
    }

    /// <returns>What is kept, and the token itself, which is told once and never again.</returns>
    /// <exception cref="QuiltException">ResourceExhausted: it has too many.</exception>
    internal (Token Token, string Secret) Create(Agent agent, TimeSpan? ttl)
    {
        // A database that is held keeps those waiting who make one, and nobody who has one.
        lock (_making)
        {
            RequireRoom(agent);
            (Token Token, string Secret) made = default;
            _database.Write(writer => made = Insert(writer, agent, ttl));
            Know(made);
            return made;
        }
    }

    /// <summary>
    /// Of a dashboard's link. It ends with this process: while there is none, the address is anybody's to listen on, whom an open page would send its token to.
    /// </summary>
    /// <exception cref="QuiltException">ResourceExhausted: the agent has too many.</exception>
    internal (Token Token, string Secret) CreateForLink(Agent agent, TimeSpan ttl)
    {
        lock (_making)
        {
            RequireRoom(agent);
            (Token Token, string Secret) made = New(agent, ttl);
            Know(made);
            return made;
        }
    }

    /// <summary>As a part of what makes its agent: both are there, or none. When it is written, the store is to <see cref="Know"/> it.</summary>
    internal static (Token Token, string Secret) Insert(Database.Writer writer, Agent agent, TimeSpan? ttl)
    {
        (Token token, string secret) = New(agent, ttl);
        writer.Run(
            "INSERT INTO token (id, hash, agent, created_at, expires_at, revoked) VALUES ($id, $hash, $agent, $createdAt, $expiresAt, 0)",
            ("$id", token.Id), ("$hash", Token.Hash(secret)), ("$agent", agent.Id), ("$createdAt", token.CreatedAt.UtcTicks), ("$expiresAt", token.ExpiresAt?.UtcTicks));
        return (token, secret);
    }

    internal void Know((Token Token, string Secret) made)
    {
        lock (_lock)
        {
            _byHash.Add(Convert.ToHexString(Token.Hash(made.Secret)), made.Token);
        }
    }

    private static (Token Token, string Secret) New(Agent agent, TimeSpan? ttl)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return (new Token(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)), agent.Id, now, now + ttl), Token.NewSecret());
    }

    private void RequireRoom(Agent agent)
    {
        if (!agent.IsOperator && Of(agent).Count >= Most)
        {
            ForgetEnded(agent);
            if (Of(agent).Count >= Most)
            {
                throw new QuiltException(ErrorCode.ResourceExhausted, $"the agent '{agent.Name}' has {Most} tokens", "revoke those that are no longer used (listTokens, revokeToken), and give new ones a ttl", "agent");
            }
        }
    }

    /// <summary>Whose token it is.</summary>
    /// <exception cref="QuiltException">Unauthenticated: unknown, expired or revoked, or its agent is gone.</exception>
    internal Agent Authenticate(string secret)
    {
        string hash = Convert.ToHexString(Token.Hash(secret));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Token? token;
        bool tellUse;
        lock (_lock)
        {
            if (!_byHash.TryGetValue(hash, out token))
            {
                throw Unknown();
            }

            tellUse = token.UsedAt is not { } used || now - used > UseIsToldEvery;
            if (tellUse)
            {
                _byHash[hash] = token with { UsedAt = now };
            }
        }

        if (token.Revoked)
        {
            throw Revoked(token);
        }

        if (token.ExpiresAt <= now)
        {
            throw Refused($"the token {token.Id} expired at {token.ExpiresAt:u}", "ask for another");
        }

        if (tellUse)
        {
            // A full disk keeps nobody from reading.
            _database.TryWrite(writer => writer.Run("UPDATE token SET used_at = $now WHERE id = $id", ("$now", now.UtcTicks), ("$id", token.Id)));
        }

        return _agents.TryGet(token.Agent) ?? throw Refused("the token's agent is gone", "ask for another agent");
    }

    /// <summary>Holds a call to the time in which its token is good.</summary>
    /// <exception cref="QuiltException">Unauthenticated: it has ended since it was authenticated.</exception>
    internal TokenHold Hold(string secret, CancellationToken cancellation)
    {
        string hash = Convert.ToHexString(Token.Hash(secret));
        lock (_lock)
        {
            if (!_byHash.TryGetValue(hash, out Token? token))
            {
                throw Unknown();
            }

            if (token.Revoked)
            {
                throw Revoked(token);
            }

            if (!_ends.TryGetValue(hash, out CancellationTokenSource? end))
            {
                _ends.Add(hash, end = new CancellationTokenSource());
            }

            return new TokenHold(token, end.Token, cancellation);
        }
    }

    internal IReadOnlyList<Token> Of(Agent agent)
    {
        lock (_lock)
        {
            return [.. _byHash.Values.Where(t => t.Agent == agent.Id).OrderBy(t => t.CreatedAt)];
        }
    }

    /// <param name="mayRevoke">Whether the caller may know of it.</param>
    /// <exception cref="QuiltException">NotFound.</exception>
    internal Token Revoke(string id, Func<Token, bool> mayRevoke)
    {
        Token token;
        lock (_lock)
        {
            (string hash, token) = _byHash.FirstOrDefault(t => t.Value.Id == id && mayRevoke(t.Value));
            if (token is null)
            {
                throw new QuiltException(ErrorCode.NotFound, $"there is no token '{id}'", "list the agent's tokens for their ids", "tokenId");
            }

            _database.Write(writer => writer.Run("UPDATE token SET revoked = 1 WHERE id = $id", ("$id", id)));
            token = token with { Revoked = true };
            _byHash[hash] = token;
            End(hash);
        }

        return token;
    }

    /// <summary>Ends what is open of an agent that is going; its tokens are kept until it is gone.</summary>
    internal void EndCalls(Agent agent)
    {
        lock (_lock)
        {
            foreach (string hash in _byHash.Where(t => t.Value.Agent == agent.Id).Select(t => t.Key))
            {
                End(hash);
            }
        }
    }

    internal void Forget(Agent agent) => Forget(t => t.Agent == agent.Id);

    /// <param name="ofLink">One that is in memory alone.</param>
    internal void Forget(Token ofLink) => Forget(t => t.Id == ofLink.Id);

    private void Forget(Func<Token, bool> which)
    {
        lock (_lock)
        {
            foreach (string hash in _byHash.Where(t => which(t.Value)).Select(t => t.Key).ToArray())
            {
                End(hash);
                _byHash.Remove(hash);
            }
        }
    }

    /// <summary>Not here, under the lock, but on threads of their own do the calls hear of it.</summary>
    private void End(string hash)
    {
        if (_ends.Remove(hash, out CancellationTokenSource? end))
        {
            _ = end.CancelAsync();
        }
    }

    /// <summary>Makes room: of them nothing is told any more but that they are not known.</summary>
    private void ForgetEnded(Agent agent)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        _database.Write(writer => writer.Run("DELETE FROM token WHERE agent = $agent AND (revoked = 1 OR expires_at <= $now)", ("$agent", agent.Id), ("$now", now.UtcTicks)));
        Forget(t => t.Agent == agent.Id && (t.Revoked || t.ExpiresAt <= now));
    }

    private static QuiltException Unknown() => Refused("the token is not known", "give the token that was told when the agent was created, or create another; that of a dashboard's link ends with the daemon that made it: quilt dashboard");

    private static QuiltException Revoked(Token token) => Refused($"the token {token.Id} is revoked", "ask whoever revoked it for another");

    internal static QuiltException Refused(string message, string remedy) => new(ErrorCode.Unauthenticated, message, remedy);

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
