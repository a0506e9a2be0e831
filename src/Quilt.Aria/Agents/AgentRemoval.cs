using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>Takes an agent away with all it has: its tokens first, then its containers, then its sessions and the rest. A crash's rest is done at the next start.</summary>
public sealed partial class AgentRemoval : IDisposable
{
    /// <summary>How long a container of it is asked to end, at most: who removes the agent does not wait for as long as that has given it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ContainerEngine _engine;
    private readonly AgentRegistry _agents;
    private readonly TokenStore _tokens;
    private readonly LifespanRegistry _lifespans;
    private readonly Cleanup _cleanup;
    private readonly ILogger<AgentRemoval> _logger;
    private readonly CancellationTokenSource _closing = new();

    internal AgentRemoval(ContainerEngine engine, AgentRegistry agents, TokenStore tokens, LifespanRegistry lifespans, Cleanup cleanup, ILogger<AgentRemoval> logger) =>
        (_engine, _agents, _tokens, _lifespans, _cleanup, _logger) = (engine, agents, tokens, lifespans, cleanup, logger);

    /// <param name="force">Also where it, or one below it, has containers.</param>
    /// <returns>The containers that went, and how many tokens.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: there are some, and <paramref name="force"/> is not set.</exception>
    internal async Task<(IReadOnlyList<string> Containers, int Tokens)> RemoveAsync(Agent agent, bool force, CancellationToken cancellation)
    {
        if (!force && _engine.All().FirstOrDefault(r => r.Owner.Agent.Length > 0 && _agents.IsWithin(r.Owner.Agent, agent)) is { } has)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the agent '{agent.Name}' has containers, such as '{has.Name}'", "remove them first, or remove the agent by force", "force");
        }

        if (!force && _engine.Snapshots().FirstOrDefault(s => s is { Name: not null, Agent.Length: > 0 } && _agents.IsWithin(s.Agent, agent)) is { } kept)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the agent '{agent.Name}' has snapshots, such as '{kept.Name}'", "remove them first, or remove the agent by force", "force");
        }

        IReadOnlyList<Agent> going = _agents.BeginRemoval(agent);
        int tokens = going.Sum(a => _tokens.Of(a).Count(t => !t.Revoked));
        foreach (Agent each in going)
        {
            _tokens.EndCalls(each);
        }

        // From here on it goes, whoever gives up waiting.
        IReadOnlyList<string> containers = await Task.Run(() => FinishAsync(going, _closing.Token), CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(false);
        return (containers, tokens);
    }

    /// <summary>What the daemon before did not live to finish.</summary>
    internal Task ResumeAsync() => FinishAsync([.. _agents.Removing().OrderByDescending(a => a.Chain.Count())], _closing.Token);

    /// <summary>What is not done yet is the next start's.</summary>
    public void Dispose() => _closing.Cancel();

    /// <summary>It is nobody's any more, and so nobody's to remove again: what fails is tried until it does not.</summary>
    private async Task<IReadOnlyList<string>> FinishAsync(IReadOnlyList<Agent> going, CancellationToken closing)
    {
        List<string> removed = [];
        foreach (Agent agent in going)
        {
            await Cleanup.UntilDoneAsync(() => FinishAsync(agent, removed, closing), e => LogNotRemoved(e, agent.Path), closing).ConfigureAwait(false);
        }

        return [.. removed.Distinct()];
    }

    private async Task FinishAsync(Agent agent, List<string> removed, CancellationToken closing)
    {
        // Those too that are made or remove themselves meanwhile: none is left in the end.
        while (await _cleanup.RemoveAsync(r => r.Owner.Agent == agent.Id, closing, Patience).ConfigureAwait(false) is { Count: > 0 } gone)
        {
            removed.AddRange(gone.Select(c => c.Id));
        }

        foreach (Lifespan session in _lifespans.All().Where(l => l.Agent == agent.Id && l.State != LifespanState.Ended).OrderBy(l => l.Kind))
        {
            removed.AddRange((await _lifespans.EndAsync(session.Id, closing).ConfigureAwait(false)).Report?.Containers.Select(c => c.Id) ?? []);
        }

        foreach (SnapshotRecord snapshot in _engine.Snapshots().Where(s => s.Agent == agent.Id))
        {
            _engine.RemoveSnapshot(snapshot.Id);
        }

        // Those that no session or task took along.
        await _cleanup.RemoveNetworksAsync(n => n.Owner == agent.Id, closing).ConfigureAwait(false);
        await _cleanup.RemoveVolumesAsync(agent.Id, closing).ConfigureAwait(false);
        _tokens.Forget(agent);
        _lifespans.Forget(agent);
        _agents.Remove(agent);
    }

    [LoggerMessage(EventId = 67, Level = LogLevel.Warning, Message = "the agent {Agent} could not be removed, which is tried again")]
    private partial void LogNotRemoved(Exception failure, string agent);
}
