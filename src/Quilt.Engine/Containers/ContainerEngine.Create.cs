using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Shim.Contract;
using Quilt.Storage;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const int TriesForAName = 8;
    private const int ShimsToTry = 3;

    /// <summary>Prepares a container up to the moment before its command is executed.</summary>
    /// <exception cref="QuiltException">NotFound: the image; AlreadyExists: the name; CommandNotFound; InvalidArgument: a user, working folder or path that the image does not have. Nothing is left.</exception>
    public async Task<ContainerRecord> CreateAsync(NewContainer asked, CancellationToken cancellation)
    {
        (ContainerSpec spec, bool start) = (asked.Spec, asked.Start);
        RequireOnThisHost(spec.Limits);
        using ImageLease lease = Images.Lease(); // until the container is known to be made of it
        ImageRoot image = asked.Root ?? ImageRoot.Of(Images.TryFind(spec.Image, lease)
            ?? throw new QuiltException(ErrorCode.NotFound, $"there is no image '{spec.Image}' here", "list the images for their names, pull it, or leave the image out for the embedded quilt/busybox", "image"));
        ImageUser user = _users.Find(image, UserOf(spec, image));
        using IDisposable held = _volumes.Hold([.. asked.Volumes.Select(v => v.Volume)]);
        await using Rollback rollback = new();
        Container container = Register(asked, image, rollback);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            bool atOnce = start && asked.Networks.Count == 0;
            using ContainerFiles files = container.Layout.HasDisk ? await MakeFilesAsync(container, cancellation).ConfigureAwait(false) : ContainerFiles.Open(container.Layout);
            await FurnishAsync(container.Record, files.Layout, image, cancellation).ConfigureAwait(false);
            ShimResponse made = await PrepareAsync(container, image, user, asked.Window, atOnce, cancellation).ConfigureAwait(false);
            rollback.OnFailure(() => ForgetWiring(container.Id, tell: false));
            foreach (string network in asked.Networks)
            {
                Join(network, container, [], null, tell: false);
            }

            if (start && !atOnce)
            {
                made = await AskToStartAsync(container).ConfigureAwait(false);
            }

            List<NewEvent> told = [new(EventTypes.Created, [("image", image.Reference.ToString()), .. asked.Snapshot is null ? ((string, string)[])[] : [("snapshot", asked.Snapshot)]]), .. asked.Networks.Select(n => new NewEvent(EventTypes.NetworkConnected, ("network", n), ("networkName", Wiring.TryGetNetwork(n)?.Name ?? "")))];
            ContainerState state = new ContainerState.Created();
            if (start)
            {
                (state, NewEvent started) = RunningSince(container.Record, made);
                told.Add(started);
            }

            Introduce(container, container.Record with { State = state }, [.. told]);
            rollback.Commit();
            WatchHealth(container);
            WatchLimits(container);
        }

        ArmExpiry(container);
        if (start)
        {
            _shims.Refill();
        }

        return container.Record;
    }

    private static string UserOf(ContainerSpec spec, ImageRoot image) => spec.User.Length > 0 ? spec.User : image.Config.User;

    /// <summary>
    /// Gives it an id, a name and host ids. In the database it comes when it is made: until then its folder, the first thing that is
    /// made, tells the next engine that something was meant to be here.
    /// </summary>
    private Container Register(NewContainer asked, ImageRoot image, Rollback rollback)
    {
        uint hostIds = _hostIds.Take();
        rollback.OnFailure(() => _hostIds.Give(hostIds));
        for (int attempt = 1; ; attempt++)
        {
            ContainerRecord record = NewRecord(asked, image, hostIds);
            Container container = new(record, LayoutOf(record));
            try
            {
                _containers.Add(container);
            }
            catch (QuiltException) when (asked.Spec.Name is null && attempt < TriesForAName)
            {
                continue;
            }

            rollback.OnFailure(() =>
            {
                _containers.Remove(container);
                container.SetRemoved();
            });
            rollback.OnFailure(() => Clean(container));
            return container;
        }
    }

    private ContainerRecord NewRecord(NewContainer asked, ImageRoot image, uint hostIds)
    {
        ContainerSpec spec = asked.Spec;
        DateTimeOffset now = DateTimeOffset.UtcNow;
        ImageConfig config = image.Config;
        IReadOnlyList<string> entrypoint = spec.Entrypoint ?? config.Entrypoint;

        // The image's arguments belong to the image's entrypoint.
        IReadOnlyList<string> arguments = spec.Command.Count > 0 || spec.Entrypoint is not null ? spec.Command : config.Cmd;
        return new ContainerRecord
        {
            Id = asked.Id,
            Name = spec.Name ?? ContainerNames.MakeUp(),
            Spec = spec,
            ImageDigest = image.Digest,
            Snapshot = asked.Snapshot,
            HostIdBase = hostIds,
            Owner = asked.Owner,
            CgroupParent = _cgroupParent,
            Group = asked.Group,
            CreatedAt = now,
            ExpiresAt = now + spec.Ttl,
            State = new ContainerState.Creating(),
            Command = [.. entrypoint, .. arguments],
            WorkingDirectory = spec.WorkingDirectory ?? config.WorkingDir,
            Environment = Merge(ImageEnvironment(config), spec.Environment),
            Volumes = [.. ImageVolumes.Of(config, [.. spec.Tmpfs.Select(t => t.Path), .. asked.Volumes.Select(v => v.Path), .. spec.HostMounts.Select(m => m.Path)]).Where(v => !SecretFiles.Take(spec, v))],
            VolumeMounts = asked.Volumes,
            ExposedPorts = ImagePorts.Of(config),
            HealthCheck = HealthCheckSettings.Resolve(spec.HealthCheck, config),
            StopSignal = spec.StopSignal ?? (Signals.TryParse(config.StopSignal, out int signal) ? signal : Signals.Terminate),
        };
    }

    private static Dictionary<string, string> ImageEnvironment(ImageConfig image)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal) { ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
        foreach (string variable in image.Env)
        {
            int equals = variable.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                variables[variable[..equals]] = variable[(equals + 1)..];
            }
        }

        return variables;
    }

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> variables, IReadOnlyDictionary<string, string> over)
    {
        Dictionary<string, string> merged = new(variables, StringComparer.Ordinal);
        foreach ((string name, string value) in over)
        {
            merged[name] = value;
        }

        return merged;
    }

    /// <summary>Makes its folder where it is missing, and has a shim set it up.</summary>
    private async Task<ShimResponse> PrepareAsync(Container container, ImageRoot image, ImageUser user, WindowSize? window, bool start, CancellationToken cancellation)
    {
        ContainerRecord record = container.Record;
        MakeFolder(container.Layout.Root);
        (IReadOnlyList<OciMount> mounts, IReadOnlyList<LentMount> lend) = MountsOf(container);
        OciSpec config = _specs.Build(record, container.Layout, image, user, mounts);
        ShimRequest request = new()
        {
            Create = new CreateRequest(record.Id.Value, container.Layout.Root, config, record.Spec.StdinOpen, _options.LogMaxBytes, _options.LogMaxFiles, window, record.Spec.AutoRemove, start),
        };
        for (int attempt = 1; ; attempt++)
        {
            if (!container.Layout.HasDisk)
            {
                MakeUpper(record, container.Layout);
            }

            ShimLink shim = await _shims.TakeAsync(cancellation).ConfigureAwait(false);
            shim.ContainerId = record.Id.Value;
            shim.Follow(exit => OnEndAsync(container, shim, exit));
            try
            {
                using LentMounts lent = await LendAsync(shim, lend).ConfigureAwait(false);
                ShimResponse made = await shim.AskAsync(request, cancellation).ConfigureAwait(false);
                container.Shim = shim;
                container.Init = new ProcessIdentity(made.Process!.Pid, made.Process.StartTime);
                return made;
            }
            catch (QuiltException e) when (e.Code == ErrorCode.Unavailable && attempt < ShimsToTry)
            {
                // One that waited has died: another. What it has only just made may not be the container's root's yet; what has something in it is.
                shim.Dispose();
                Sys.TryRemoveDirectory(container.Layout.Upper, out _);
                Sys.TryRemoveDirectory(container.Layout.Work, out _);
                continue;
            }
            catch (Exception e)
            {
                // Our connection is all that keeps a shim without a container; one whose answer we did not await is ended with it.
                await AbandonAsync(shim).ConfigureAwait(false);
                if (e is QuiltException command && command.IsOfCommand())
                {
                    throw command.Naming(record.Command, record.WorkingDirectory);
                }

                throw;
            }
        }
    }

    private static void MakeFolder(string path)
    {
        const uint ownerOnly = 0x1C0; // 0700
        try
        {
            Sys.MakeDirectory(path, ownerOnly);
        }
        catch (SyscallException e) when (DiskFull.Is(e))
        {
            throw Database.DiskFull(e);
        }
    }

    /// <summary>Ends what the shim has, and lets go of it.</summary>
    /// <param name="frozen">The container where it stands still.</param>
    /// <param name="freezer">Of that one, which ends only when it goes on.</param>
    /// <returns>How it ended; null where there was nothing, or nobody knows.</returns>
    private async Task<ContainerExit?> AbandonAsync(ShimLink shim, ContainerRecord? frozen = null, CgroupFreezer? freezer = null)
    {
        shim.Unfollow();
        try
        {
            await SignalAsync(shim, new SignalRequest(Signals.Kill, null, false, Ephemeral: true), frozen, freezer).ConfigureAwait(false);
            return await shim.Ended.ConfigureAwait(false) is { } exit ? ExitOf(exit) : null;
        }
        catch (QuiltException e) when (e.Code is ErrorCode.FailedPrecondition or ErrorCode.Unavailable)
        {
            // It has none, or none any more; or it is gone, and its container with it.
            return shim.Ended is { IsCompleted: true, Result: { } exit } ? ExitOf(exit) : null;
        }
        finally
        {
            _shims.GiveBack(shim);
        }
    }

    /// <summary>Takes away what was made of a container that is not to be.</summary>
    private async ValueTask Clean(Container container)
    {
        if (container.Shim is { } shim)
        {
            container.Shim = null;
            await AbandonAsync(shim).ConfigureAwait(false);
        }

        try
        {
            await RemoveGroupAsync(container.Record).ConfigureAwait(false);
        }
        finally
        {
            _ = _trash.Throw(container.Layout.Root);
        }
    }
}
