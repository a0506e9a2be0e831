using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Storage;

namespace Quilt.Aria;

/// <summary>The agents that there are.</summary>
public sealed class AgentRegistry
{
    private readonly ContainerEngine _engine;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Agent> _agents = new(StringComparer.Ordinal) { [""] = Agent.Operator };
    private readonly HashSet<string> _removing = new(StringComparer.Ordinal);

    internal AgentRegistry(ContainerEngine engine)
    {
        _engine = engine;
        Dictionary<string, AgentRows.Row> rows = AgentRows.ReadAll(engine.Database).ToDictionary(r => r.Id);
        foreach (AgentRows.Row row in rows.Values)
        {
            Load(row, rows);
        }

        LimitGroups();
    }

    public IReadOnlyList<Agent> All()
    {
        lock (_lock)
        {
            return [.. _agents.Values];
        }
    }

    /// <summary>Those that a daemon was removing when it ended.</summary>
    internal IReadOnlyList<Agent> Removing()
    {
        lock (_lock)
        {
            return [.. _removing.Select(id => _agents[id])];
        }
    }

    /// <returns>Null where there is none, or it is being removed.</returns>
    public Agent? TryGet(string id)
    {
        lock (_lock)
        {
            return _agents.TryGetValue(id, out Agent? agent) && !agent.Chain.Any(a => _removing.Contains(a.Id)) ? agent : null;
        }
    }

    /// <summary>Also one that is just being removed: what it has left is still its own.</summary>
    internal bool IsWithin(string id, Agent above)
    {
        lock (_lock)
        {
            return _agents.TryGetValue(id, out Agent? agent) && agent.IsWithin(above);
        }
    }

    /// <summary>The agent that a caller means: itself, or one below it.</summary>
    /// <param name="key">An id, or the names from the caller's on: <c>builder/tester</c>. Empty: the caller.</param>
    /// <exception cref="QuiltException">NotFound, also where it is another's.</exception>
    public Agent Find(string key, Agent caller) =>
        key.Length == 0 || key == caller.Name ? caller
        : All().FirstOrDefault(a => (a.Id == key || PathFrom(caller, a) == key) && a.IsWithin(caller) && TryGet(a.Id) is not null)
            ?? throw new QuiltException(ErrorCode.NotFound, $"there is no agent '{key}'", "list the agents for their names and ids", "agent");

    /// <param name="with">Writes what is made together with it.</param>
    /// <exception cref="QuiltException">PermissionDenied: more than the parent has; AlreadyExists: the name.</exception>
    internal Agent Create(string name, Agent parent, AgentConfig config, Action<Database.Writer, Agent> with)
    {
        if (!ContainerName.TryParse(name, out _))
        {
            throw QuiltException.Invalid("name", $"'{name}' is not a valid name of an agent", "use 1 to 63 letters, digits, '.', '_' or '-', starting with a letter or digit");
        }

        if (name.Equals(Agent.Operator.Name, StringComparison.OrdinalIgnoreCase))
        {
            throw QuiltException.Invalid("name", $"no agent can be named '{name}': the audit would tell its calls as the operator's", "choose another name");
        }

        foreach (Agent above in parent.Chain)
        {
            Attenuation.Check(config.Grant, above.Config.Grant);
        }

        Agent agent = new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), name, parent, config, DateTimeOffset.UtcNow);
        lock (_lock)
        {
            if (_agents.Values.Any(a => a.Parent?.Id == parent.Id && a.Name == name))
            {
                throw new QuiltException(ErrorCode.AlreadyExists, $"an agent named '{name}' exists", "choose another name, or remove that agent", "name");
            }

            foreach (Agent above in parent.Chain)
            {
                if (above.Config.Grant.Limits.Agents is { } most && _agents.Values.Count(a => !a.IsOperator && a.Id != above.Id && a.IsWithin(above)) >= most)
                {
                    throw new QuiltException(ErrorCode.ResourceExhausted, $"the agent '{above}' has all of the {most} agents that it may delegate to", "remove one that is done", "limits.agents");
                }
            }

            if (TryGet(parent.Id) is null)
            {
                throw new QuiltException(ErrorCode.NotFound, $"the agent '{parent}' is being removed", "delegate from another", "agent");
            }

            // The group first: an agent that is in a row has its limits.
            using Rollback rollback = new();
            rollback.OnFailure(() => _engine.RemoveGroup(agent.Group));
            Limit(agent);
            _engine.Tell(
                writer =>
                {
                    writer.Insert(agent);
                    with(writer, agent);
                },
                EventTypes.AgentCreated, agent.Id, ("agent", agent.Path));
            _agents.Add(agent.Id, agent);
            rollback.Commit();
        }

        return agent;
    }

    /// <summary>From now on it is nobody's, and those below it too; what it has is taken away by whoever calls.</summary>
    internal IReadOnlyList<Agent> BeginRemoval(Agent agent)
    {
        lock (_lock)
        {
            List<Agent> going = [.. _agents.Values.Where(a => !a.IsOperator && a.IsWithin(agent)).OrderByDescending(a => a.Chain.Count())];
            _engine.Database.Write(writer => going.ForEach(a => writer.SetRemoving(a)));
            going.ForEach(a => _removing.Add(a.Id));
            return going;
        }
    }

    internal void Remove(Agent agent)
    {
        _engine.RemoveGroup(agent.Group);
        lock (_lock)
        {
            _engine.Tell(writer => writer.Delete(agent), EventTypes.AgentRemoved, agent.Id, ("agent", agent.Path));
            _agents.Remove(agent.Id);
            _removing.Remove(agent.Id);
        }
    }

    /// <summary>As its caller knows it: the caller's own name, or what is below it.</summary>
    internal static string PathFrom(Agent caller, Agent agent)
    {
        string path = agent.Name;
        for (Agent? above = agent.Parent; above is not null && above.Id != caller.Id && !above.IsOperator; above = above.Parent)
        {
            path = $"{above.Name}/{path}";
        }

        return path;
    }

    private Agent Load(AgentRows.Row row, Dictionary<string, AgentRows.Row> rows)
    {
        if (_agents.TryGetValue(row.Id, out Agent? known))
        {
            return known;
        }

        Agent parent = row.Parent.Length == 0 ? Agent.Operator : Load(rows[row.Parent], rows);
        Agent agent = new(row.Id, row.Name, parent, row.Config, row.CreatedAt);
        _agents.Add(row.Id, agent);
        if (row.Removing)
        {
            _removing.Add(row.Id);
        }

        return agent;
    }

    /// <summary>A host that was started anew has no groups, and a daemon that was killed may have left some too many.</summary>
    private void LimitGroups()
    {
        foreach (Agent agent in _agents.Values.OrderBy(a => a.Chain.Count()))
        {
            Limit(agent);
        }

        HashSet<string> ours = [.. _agents.Values.SelectMany(a => a.Chain).Select(a => a.Group)];
        foreach (string stray in _engine.Groups().Where(g => !ours.Contains(g) && !ours.Any(o => PathText.IsBelow(o, g))).OrderByDescending(g => g.Length))
        {
            _engine.RemoveGroup(stray);
        }
    }

    private void Limit(Agent agent)
    {
        if (Limited(agent))
        {
            AgentLimits limits = agent.Config.Grant.Limits;
            _engine.LimitGroup(agent.Group, new ContainerLimits(limits.Memory?.Bytes ?? 0, limits.Cpus ?? 0, limits.Pids ?? 0));
        }
    }

    private static bool Limited(Agent agent) => agent.Config.Grant.Limits is { } l && !agent.IsOperator && (l.Memory is not null || l.Cpus is not null || l.Pids is not null);
}
