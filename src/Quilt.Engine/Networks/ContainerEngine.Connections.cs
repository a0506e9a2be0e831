using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Network;
using Quilt.Storage;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private static readonly TimeSpan WiringIsCheckedEvery = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, Alarm> _edgeExpiries = new(StringComparer.Ordinal);
    private ITimer? _wiringCheck;

    /// <summary>Who may reach whom, to be read.</summary>
    public Wiring Wiring { get; }

    /// <param name="containers">Those that there are.</param>
    private Wiring OpenWiring(IEnumerable<ContainerRecord> containers)
    {
        WiringOptions options = new()
        {
            RunDir = _options.RunDir,
            Pool = _options.NetworkPool,
            Subnets = _options.NetworkSubnets,
            NameServers = _options.NameServers,
            NameOf = id => _containers.TryGet(id)?.Record.Name.Value,
            NetworkNamespaceOf = id => _containers.TryGet(id)?.Init?.TryOpenNetworkNamespace(),
            Decided = _egress.Add,
        };
        return Wiring.Open(options, _database, containers.Select(r => r.Id).ToHashSet(), _logger);
    }

    /// <summary>Lets one container begin flows to another's port; it can from the moment of the answer. Containers that do not run get their link when they start.</summary>
    /// <returns>The edge, and whether it is new: the same one again gets the alias and the time asked for now.</returns>
    /// <exception cref="QuiltException">NotFound; InvalidArgument: both are the same; ResourceExhausted: no address is left; FailedPrecondition: the kernel or nft lacks something. Nothing has changed.</exception>
    public async Task<(Edge Edge, bool IsNew)> EstablishConnectionAsync(NewConnection asked, CancellationToken cancellation)
    {
        Container from = _containers.Get(asked.From);
        if (asked.To is not EdgeTarget.Container { Id: var target })
        {
            using (await from.EnterAsync(cancellation).ConfigureAwait(false))
            {
                return Establish(asked, from);
            }
        }

        Container to = _containers.Get(target);
        if (from == to)
        {
            throw QuiltException.Invalid("to", $"'{from.Record.Name}' would be connected to itself", "within one container everything reaches everything on 127.0.0.1");
        }

        // In one order, so that two that ask for both directions do not wait for each other.
        bool ordered = string.CompareOrdinal(from.Id.Value, to.Id.Value) < 0;
        using (await (ordered ? from : to).EnterAsync(cancellation).ConfigureAwait(false))
        using (await (ordered ? to : from).EnterAsync(cancellation).ConfigureAwait(false))
        {
            return Establish(asked, from, to);
        }
    }

    /// <param name="ends">The containers that it is between; nobody else can change them.</param>
    private (Edge Edge, bool IsNew) Establish(NewConnection asked, params ReadOnlySpan<Container> ends)
    {
        foreach (Container end in ends)
        {
            RequirePresent(end);
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        (Edge edge, bool isNew) = Wiring.Establish(
            new Edge
            {
                Id = Wiring.NewId(), From = asked.From, To = asked.To, Port = asked.Port, Protocol = asked.Protocol, Alias = asked.Alias, Owner = asked.Owner, CreatedAt = now, ExpiresAt = now + asked.Ttl,
            },
            (writer, made) => Tell(writer, EventTypes.ConnectionEstablished, made));
        try
        {
            foreach (Container end in ends)
            {
                Plug(end);
            }
        }
        catch when (isNew)
        {
            SeverConnection(edge.Id);
            throw;
        }

        ArmExpiry(edge);
        _events.Beat();
        return (edge, isNew);
    }

    /// <summary>Ends what flows over it at once.</summary>
    /// <returns>What it has carried; null where there is no such edge any more.</returns>
    public Traffic? SeverConnection(string edgeId)
    {
        Traffic? carried = Wiring.Sever(edgeId, (writer, edge) => Tell(writer, EventTypes.ConnectionSevered, edge));
        DisarmExpiry(edgeId);
        _events.Beat();
        return carried;
    }

    private static void RequirePresent(Container container)
    {
        if (container.IsRemoved || container.Record.State is ContainerState.Creating or ContainerState.Removing)
        {
            throw ContainerTable.NotFound(container.Record.Name.Value);
        }
    }

    /// <summary>Gives it its link, where it has a place in the fabric and a network namespace to put it in, and none there yet.</summary>
    private void Plug(Container container)
    {
        if (container.Init is not { } init || Wiring.EndpointOf(container.Id) is null || container.IsPlugged)
        {
            return;
        }

        FileDescriptor? network = init.TryOpenNetworkNamespace();
        if (network is null)
        {
            return; // it has just ended: the next start gives it one
        }

        try
        {
            Wiring.Plug(container.Id, network);
        }
        catch
        {
            network.Dispose();
            throw;
        }

        (container.IsPlugged, container.Link) = (true, network);
    }

    /// <summary>What it was wired with goes with it; what the kernel does not give back is taken at the next check.</summary>
    /// <param name="tell">False: nothing was told of it yet.</param>
    private void ForgetWiring(ContainerId id, bool tell = true)
    {
        try
        {
            foreach (Edge edge in Wiring.Forget(id, (writer, gone) => Tell(writer, EventTypes.ConnectionSevered, gone), (writer, left) => TellLeft(writer, left, id, tell)))
            {
                DisarmExpiry(edge.Id);
            }
        }
        catch (QuiltException e)
        {
            LogWiringLeft(e, id.Value);
        }
    }

    /// <summary>After a daemon that ended: what is declared is in the kernel, what runs has its link.</summary>
    private void ResumeWiring()
    {
        RepairWiring(tell: false);

        // Those are gone whose time was over while no daemon was there.
        foreach (Edge edge in Wiring.Edges)
        {
            ArmExpiry(edge);
        }

        foreach (Container container in _containers.All())
        {
            container.IsPlugged = Wiring.IsPlugged(container.Id);
            Attempt(container.Id.Value, () => HoldLink(container));
        }

        _wiringCheck = TimeProvider.System.CreateTimer(_ => RepairWiring(tell: true), null, WiringIsCheckedEvery, WiringIsCheckedEvery);
    }

    /// <summary>Of one that runs on from the daemon before. Whoever changes it at the moment has its end before him: it is not waited for.</summary>
    private static void HoldLink(Container container)
    {
        if (!container.Gate.Wait(0))
        {
            return;
        }

        try
        {
            container.Link = container.IsPlugged ? container.Init?.TryOpenNetworkNamespace() : null;
        }
        finally
        {
            container.Gate.Release();
        }
    }

    /// <param name="tell">What is found otherwise than declared was changed by somebody else.</param>
    private void RepairWiring(bool tell)
    {
        AttemptOfTimer(() =>
        {
            (IReadOnlyList<string> drift, IReadOnlyList<ContainerId> unplugged) = Wiring.Repair();
            foreach (ContainerId id in unplugged)
            {
                PlugAgain(id);
            }

            foreach (string difference in tell ? drift : [])
            {
                LogDrift(difference);
                Tell(EventTypes.WiringRepaired, "", ("found", difference));
            }
        });
        foreach (Edge edge in Wiring.Edges.Where(e => e.IsOver))
        {
            AttemptOfTimer(() => Expire(edge.Id));
        }

        // What could not be written down when it was taken away is taken away again.
        foreach (ContainerId gone in Wiring.Containers.Where(c => _containers.TryGet(c) is null))
        {
            AttemptOfTimer(() => ForgetWiring(gone));
        }
    }

    /// <summary>What a timer does: its failure would end the daemon, and whatever it is, the next check tries again.</summary>
    private void AttemptOfTimer(Action work)
    {
        try
        {
            work();
        }
#pragma warning disable CA1031 // see above
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogNotRepaired(e);
        }
    }

    private void PlugAgain(ContainerId id)
    {
        if (_containers.TryGet(id) is not { } container || !container.Gate.Wait(0))
        {
            return; // whoever has it plugs it
        }

        try
        {
            container.IsPlugged = Wiring.IsPlugged(id); // somebody may have been faster
            Plug(container);
        }
        catch (QuiltException e)
        {
            LogNotRepaired(e);
        }
        finally
        {
            container.Gate.Release();
        }
    }

    private void ArmExpiry(Edge edge)
    {
        DisarmExpiry(edge.Id);
        if (edge.ExpiresAt is { } expires)
        {
            _edgeExpiries[edge.Id] = new Alarm(expires, () => AttemptOfTimer(() => Expire(edge.Id)));
        }
    }

    private void DisarmExpiry(string edgeId)
    {
        if (_edgeExpiries.TryRemove(edgeId, out Alarm? alarm))
        {
            alarm.Dispose();
        }
    }

    private void Expire(string edgeId)
    {
        // Where it is gone nothing is to be done; and whoever gave it more time sets another alarm.
        if (Wiring.TryGet(edgeId) is { IsOver: true })
        {
            SeverConnection(edgeId);
        }
    }

    private void Tell(Database.Writer writer, string type, Edge edge)
    {
        ContainerRecord? from = _containers.TryGet(edge.From)?.Record;
        writer.Append(
            DateTimeOffset.UtcNow, type, from, edge.Owner, ("connection", edge.Id), ("to", edge.ToContainer?.Value ?? edge.To.Text),
            ("port", edge.Port.ToString(CultureInfo.InvariantCulture)), ("protocol", edge.Protocol.ToString().ToLowerInvariant()));
    }

    private void TellOfEgress(EgressDecision decision, long count)
    {
        ContainerRecord? from = _containers.TryGet(decision.Container)?.Record;
        try
        {
            _database.Write(writer => writer.Append(
                DateTimeOffset.UtcNow, decision.Allowed ? EventTypes.EgressAllowed : EventTypes.EgressDenied, from,
                ("to", decision.Wanted), (decision.Allowed ? "connection" : "reason", decision.Rule), ("count", count.ToString(CultureInfo.InvariantCulture))));
            _events.Beat();
        }
        catch (QuiltException e)
        {
            LogNotTold(e, decision.Wanted, decision.Allowed, count);
        }
    }

    [LoggerMessage(EventId = 43, Level = LogLevel.Warning, Message = "it could not be told that {Wanted} was decided on (allowed: {Allowed}) {Count} times")]
    private partial void LogNotTold(Exception failure, string wanted, bool allowed, long count);

    [LoggerMessage(EventId = 45, Level = LogLevel.Warning, Message = "the wiring was not as declared: {Difference}; it is again")]
    private partial void LogDrift(string difference);

    [LoggerMessage(EventId = 41, Level = LogLevel.Error, Message = "the wiring is not as declared; the next check tries again")]
    private partial void LogNotRepaired(Exception failure);

    [LoggerMessage(EventId = 42, Level = LogLevel.Warning, Message = "the links and edges of {Container} could not be taken away; the next check tries again")]
    private partial void LogWiringLeft(Exception failure, string container);
}
