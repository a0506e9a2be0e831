using Quilt.Core;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Changes whose a container is, and what it lives as long as.</summary>
    /// <param name="change">From what it is to what it shall be, when nobody else can change it any more; what it throws leaves all as it is.</param>
    /// <exception cref="QuiltException">AlreadyExists: the new owner has one of that name; FailedPrecondition: it runs, and would need another control group.</exception>
    public async Task<ContainerRecord> ChangeOwnerAsync(ContainerId id, Func<ContainerRecord, NewOwner> change, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            ContainerRecord record = container.Record;
            if (container.IsRemoved || record.State is not (ContainerState.Created or ContainerState.Running or ContainerState.Exited))
            {
                throw Not("give away", record, "only one that is created, running or exited can change hands");
            }

            (ContainerOwner owner, ContainerStrategy strategy, string group) = change(record);
            if (record.Group != group)
            {
                await LeaveGroupAsync(container).ConfigureAwait(false);
            }

            _containers.Rekey(container, owner);
            try
            {
                ContainerSpec spec = record.Spec with { Strategy = strategy, AutoRemove = strategy == ContainerStrategy.Ephemeral || (record.Spec.AutoRemove && record.Spec.Strategy != ContainerStrategy.Ephemeral) };
                Change(container, container.Record with { Owner = owner, Group = group, Spec = spec }, new NewEvent(EventTypes.OwnerChanged, ("strategy", strategy.ToString().ToLowerInvariant())));
            }
            catch
            {
                _containers.Rekey(container, record.Owner);
                throw;
            }

            return container.Record;
        }
    }

    /// <summary>What was prepared is in the old group: the next start prepares it anew.</summary>
    private async Task LeaveGroupAsync(Container container)
    {
        if (container.Record.IsRunning)
        {
            throw Not("give away", container.Record, "stop it first: its processes are in the control group of the agent that has it");
        }

        await UnprepareAsync(container).ConfigureAwait(false);
    }

    /// <summary>Changes when it is removed by force.</summary>
    public async Task<ContainerRecord> SetExpiryAsync(ContainerId id, DateTimeOffset expires, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            if (container.IsRemoved || container.Record.State is ContainerState.Removing)
            {
                throw ContainerTable.NotFound(id.Value);
            }

            Change(container, container.Record with { ExpiresAt = expires }, new NewEvent(EventTypes.Extended, ("expiresAt", expires.ToString("O"))));
            ArmExpiry(container);
            return container.Record;
        }
    }
}
