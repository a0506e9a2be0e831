using System.Diagnostics;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>The one way in, whatever the face: authenticate, authorize, validate, quota, run, audit.</summary>
public sealed class ExecutionEngine
{
    private readonly ContainerEngine _engine;
    private readonly AgentRegistry _agents;
    private readonly TokenStore _tokens;
    private readonly LifespanRegistry _lifespans;
    private readonly Quotas _quotas;
    private readonly Idempotency _idempotency;
    private readonly AuditLog _audit;

    internal ExecutionEngine(
        ContainerEngine engine, AgentRegistry agents, TokenStore tokens, LifespanRegistry lifespans, Quotas quotas, Idempotency idempotency, AuditLog audit) =>
        (_engine, _agents, _tokens, _lifespans, _quotas, _idempotency, _audit) = (engine, agents, tokens, lifespans, quotas, idempotency, audit);

    /// <param name="tool">What is called: the tool, or the face's call that is the same.</param>
    /// <param name="body">Validates what is its own, and does it.</param>
    /// <param name="codec">How its outcome is kept for an idempotency key; null: it takes none.</param>
    /// <exception cref="QuiltException">Unauthenticated, PermissionDenied (names the rule), ResourceExhausted, DeadlineExceeded, and what the body says.</exception>
    public async Task<T> RunAsync<T>(
        Call call, ToolDefinition tool, CallArguments arguments, Func<Caller, CancellationToken, Task<T>> body, Codec<T>? codec, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        using Activity? span = CallTelemetry.Begin(call, tool);
        Caller? caller = null;
        string rule = "";
        try
        {
            caller = Authenticate(call);
            rule = Authorize(caller.Agent, tool);
            using IDisposable? slot = _quotas.EnterCall(caller.Agent);
            using IDisposable? use = caller.Session is { } session ? _lifespans.Use(session.Id) : null;
            T result = await WhileTokenLastsAsync(call, held => RunAsync(call, caller, tool, arguments, body, codec, held), cancellation).ConfigureAwait(false);
            Record(AuditOutcomes.Allowed, "");
            return result;
        }
        catch (AuthorizationException e)
        {
            rule = e.Rule;
            Record(AuditOutcomes.Denied, e.Failure.Code.WireName());
            throw e.Failure;
        }
        catch (QuiltException e)
        {
            bool denied = e.Code is ErrorCode.PermissionDenied or ErrorCode.Unauthenticated;
            rule = !denied ? rule : e.Code == ErrorCode.Unauthenticated ? e.Message : $"{caller?.Agent.Path}: {e.Field ?? e.Message}";
            Record(denied ? AuditOutcomes.Denied : AuditOutcomes.Failed, e.Code.WireName());
            throw;
        }
        catch (OperationCanceledException)
        {
            Record(AuditOutcomes.Failed, "cancelled");
            throw;
        }
        catch (Exception e) when (HostShortage.Of(e) is { } lacks)
        {
            Record(AuditOutcomes.Failed, ErrorCode.ResourceExhausted.WireName());
            throw new QuiltException(ErrorCode.ResourceExhausted, $"the host has no more {lacks}", "try again later; whoever runs the host can give it more", inner: e);
        }
        catch
        {
            Record(AuditOutcomes.Failed, ErrorCode.Internal.WireName());
            throw;
        }

        void Record(string outcome, string code)
        {
            TimeSpan took = Stopwatch.GetElapsedTime(began);
            CallTelemetry.End(span, call, tool, caller, outcome, code, took);
            Append(call, tool, caller, arguments.Redacted(), outcome, code, rule, took);
        }
    }

    private void Append(Call call, ToolDefinition tool, Caller? caller, string arguments, string outcome, string code, string rule, TimeSpan took) => _audit.Append(new AuditEntry(
        0, DateTimeOffset.UtcNow, caller?.Agent.Id ?? "", caller?.Agent.Path ?? AuditEntry.Nobody, caller?.Session?.Id ?? "", call.Face, tool.Name, arguments, outcome, code, rule, took)
    {
        Watching = outcome == AuditOutcomes.Allowed && tool.ReadOnly && (call.Dashboard || caller is { Agent.IsOperator: true }),
    });

    /// <summary>Who calls, before anything is read that is sent. Whoever is not known is in the audit.</summary>
    /// <param name="tool">What is wanted.</param>
    /// <param name="who">Knows the caller by what it brings.</param>
    /// <exception cref="QuiltException">Unauthenticated; NotFound: its session.</exception>
    internal T Admit<T>(Call call, ToolDefinition tool, Func<Call, T> who)
    {
        try
        {
            return who(call);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.Unauthenticated)
        {
            Append(call, tool, null, "{}", AuditOutcomes.Denied, e.Code.WireName(), e.Message, TimeSpan.Zero);
            throw;
        }
    }

    /// <exception cref="QuiltException">Unauthenticated.</exception>
    public Caller Authenticate(Call call)
    {
        Agent agent = call.OtherAuthorization ? throw TokenStore.Refused("the authorization is of an unknown kind", "send 'Authorization: Bearer TOKEN'")
            : call.Token is { } token ? _tokens.Authenticate(token)
            : call.OwnSocket ? Agent.Operator
            : throw TokenStore.Refused("no token is given", "send 'Authorization: Bearer TOKEN' with the token of an agent (quilt agent create)");
        if (agent.IsOperator && call.Token is not null && !call.Dashboard)
        {
            throw TokenStore.Refused("the token is good for the dashboard alone", "give the token of an agent (quilt agent create)");
        }

        Caller caller = new(_engine, _agents, agent, null);
        return string.IsNullOrEmpty(call.Session) ? caller : new Caller(_engine, _agents, agent, _lifespans.Find(call.Session, LifespanKind.Session, caller.Agent.Id, l => caller.Has(l.Agent)));
    }

    /// <summary>Ends what runs with the token that opened it, as with the caller's going.</summary>
    /// <exception cref="QuiltException">Unauthenticated: the token has ended.</exception>
    public async Task<T> WhileTokenLastsAsync<T>(Call call, Func<CancellationToken, Task<T>> body, CancellationToken cancellation)
    {
        if (call.Token is not { } secret)
        {
            return await body(cancellation).ConfigureAwait(false);
        }

        using TokenHold hold = _tokens.Hold(secret, cancellation);
        try
        {
            return await body(hold.Over).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && hold.TokenEnded)
        {
            throw hold.Refusal;
        }
    }

    /// <summary>Whether the agent, and every one above it, may call the tool.</summary>
    public static bool MayCall(Agent agent, ToolDefinition tool) => MayCall(agent, tool.Name, tool.Scope, tool.Level);

    private static bool MayCall(Agent agent, string name, ToolScope scope, SecurityLevel level) => agent.Chain.All(a => a.Config.Grant.Tools.Decide(name, scope, level).Allowed);

    private static string Authorize(Agent agent, ToolDefinition tool)
    {
        string? own = null;
        foreach (Agent each in agent.Chain)
        {
            (bool allowed, string rule) = each.Config.Grant.Tools.Decide(tool.Name, tool.Scope, tool.Level);
            rule = each.IsOperator ? "operator" : $"{each.Path}: {rule}";
            if (!allowed)
            {
                throw new AuthorizationException(rule, new QuiltException(
                    ErrorCode.PermissionDenied, $"the tool '{tool.Name}' is outside the grant ({rule})",
                    MayCall(agent, "listTools", ToolScope.Primitive, SecurityLevel.Safe) ? "use a tool that listTools shows, or ask for a wider grant" : "ask for a wider grant", "name"));
            }

            own ??= rule;
        }

        return own!;
    }

    private async Task<T> RunAsync<T>(
        Call call, Caller caller, ToolDefinition tool, CallArguments arguments, Func<Caller, CancellationToken, Task<T>> body, Codec<T>? codec, CancellationToken cancellation)
    {
        if (call.Timeout is not { } timeout)
        {
            return await KeyedAsync(cancellation).ConfigureAwait(false);
        }

        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimerSpan.Of(timeout));
        try
        {
            return await KeyedAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new QuiltException(ErrorCode.DeadlineExceeded, $"{tool.Name} took longer than {DurationText.Format(timeout)}", "give it more time", "timeout");
        }

        Task<T> KeyedAsync(CancellationToken token) => call.IdempotencyKey is { } key && codec is not null && !tool.ReadOnly
            ? _idempotency.RunAsync(caller.Agent, key, tool, arguments.Whole(), codec, () => body(caller, token), token)
            : body(caller, token);
    }

    private sealed class AuthorizationException(string rule, QuiltException failure) : Exception(failure.Message)
    {
        internal string Rule { get; } = rule;
        internal QuiltException Failure { get; } = failure;
    }
}
