using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Executes the container's command. Running means that this has succeeded: an exec works from now on.</summary>
    /// <exception cref="QuiltException">FailedPrecondition where it runs already; CommandNotFound or CommandNotExecutable, and it can be started again.</exception>
    public async Task<ContainerRecord> StartAsync(ContainerId id, WindowSize? window, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            ContainerRecord record = container.Record;
            if (record.State is not (ContainerState.Created or ContainerState.Exited) || container.IsRemoved)
            {
                throw Not("start", record, "only a container that is created or exited can be started");
            }

            await PrepareAgainAsync(container, window, cancellation).ConfigureAwait(false);
            await ExecuteAsync(container).ConfigureAwait(false);
        }

        _shims.Refill();
        return container.Record;
    }

    /// <summary>Where nothing is prepared: it has run before, or its shim went with a host or daemon that ended.</summary>
    private async Task PrepareAgainAsync(Container container, WindowSize? window, CancellationToken cancellation)
    {
        if (container.Shim is not null)
        {
            return;
        }

        FinishRestoring(container);
        ContainerRecord record = container.Record;
        ImageRoot image = ImageRoot.Of(Images.TryFind(record.ImageDigest)
            ?? throw new QuiltException(ErrorCode.NotFound, $"the image of the container '{record.Name}' is gone: {record.Spec.Image} ({record.ImageDigest})", "bring the image back, or make the container anew", "image"));
        if (record.CgroupParent != _cgroupParent)
        {
            Change(container, record with { CgroupParent = _cgroupParent });
        }

        try
        {
            await PrepareAsync(container, image, _users.Find(image, UserOf(record.Spec, image)), window, start: false, cancellation).ConfigureAwait(false);
            Plug(container);
        }
        catch
        {
            await UnprepareAsync(container).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Not to be cancelled: whether a command was executed is told as it is.</summary>
    private async Task ExecuteAsync(Container container)
    {
        try
        {
            ShimResponse started = await AskToStartAsync(container).ConfigureAwait(false);
            ContainerRecord record = container.Record;
            bool again = record.State is ContainerState.Exited;
            (ContainerState running, NewEvent told) = RunningSince(record, started);
            Change(container, record with { State = running, RestartCount = record.RestartCount + (again ? 1 : 0) }, told);
        }
        catch
        {
            // Also what runs and cannot be written down: it is told as not started, and so it does not run.
            await UnprepareAsync(container).ConfigureAwait(false);
            throw;
        }

        WatchHealth(container);
        WatchLimits(container);
    }

    private static async Task<ShimResponse> AskToStartAsync(Container container)
    {
        try
        {
            return await container.Shim!.AskAsync(new ShimRequest { Start = new StartRequest() }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.IsOfCommand())
        {
            throw e.Naming(container.Record.Command, container.Record.WorkingDirectory);
        }
    }

    /// <summary>Ends what was prepared of one that does not run. The next start prepares it anew.</summary>
    private async Task UnprepareAsync(Container container)
    {
        if (container.Shim is { } shim)
        {
            (container.Shim, container.Init) = (null, null);
            await AbandonAsync(shim).ConfigureAwait(false);
            File.Delete(container.Layout.Exit); // of a start that is told as none
        }

        await RemoveGroupAsync(container.Record).ConfigureAwait(false);
    }

    private static (ContainerState State, NewEvent Told) RunningSince(ContainerRecord record, ShimResponse started)
    {
        ProcessIdentity process = new(started.Process!.Pid, started.Process.StartTime);
        return (
            new ContainerState.Running(process, started.StartedAt!.Value) { Health = HealthOf(record) },
            new NewEvent(EventTypes.Started, ("pid", process.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture))));
    }

    /// <summary>Ends it as <see cref="StopAsync"/> does where it runs, and starts it again.</summary>
    public async Task<ContainerRecord> RestartAsync(ContainerId id, TimeSpan? timeout, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        container.BeginRestart();
        try
        {
            if (container.Record.IsRunning)
            {
                await StopAsync(id, null, timeout, cancellation).ConfigureAwait(false);
                cancellation = CancellationToken.None; // whoever gives up from here on leaves it running, not stopped
            }

            return await StartAsync(id, null, cancellation).ConfigureAwait(false);
        }
        finally
        {
            container.EndRestart();
            RemoveEnded(container); // it could not be started again, or has ended again already
        }
    }
}
