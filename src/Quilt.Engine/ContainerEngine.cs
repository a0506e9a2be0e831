using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Quilt.Build;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;
using Quilt.Network;
using Quilt.Shim.Contract;
using Quilt.Storage;

namespace Quilt.Engine;

/// <summary>
/// The containers of one state folder: made, run, watched and removed as their owner says. Each operation is safe to retry, to
/// cancel and to run twice at once; what fails leaves nothing behind. Everything is in the database, the shims or the kernel:
/// an engine that ends, however it ends, takes nothing with it, and the next one goes on.
/// </summary>
public sealed partial class ContainerEngine : IAsyncDisposable
{
    private readonly EngineOptions _options;
    private readonly ILogger _logger;
    private readonly FileLock[] _locks;
    private readonly Database _database;
    private readonly HostIdBlocks _hostIds;
    private readonly SpecBuilder _specs;
    private readonly HostLayers _hostLayers;
    private readonly SnapshotStore _snapshots;
    private readonly Builder _builder;
    private readonly ShimPool _shims;
    private readonly CgroupHost _cgroups;
    private readonly LimitResources _limitResources;
    private readonly ContainerTable _containers = new();
    private readonly ImageUsers _users = new();
    private readonly Pulse _events = new();
    private readonly Trash _trash;
    private readonly EgressTelling _egress;
    private readonly string _containersDir;
    private readonly string _cgroupParent;
    private readonly CancellationTokenSource _closing = new();
    private int _disposed;

    private ContainerEngine(EngineOptions options, FileLock[] locks, Database database, string instance, ImageStore images, IReadOnlyList<ContainerRecord> containers, ILoggerFactory loggers)
    {
        (_options, _locks, _database, Images, _logger) = (options, locks, database, images, loggers.CreateLogger<ContainerEngine>());
        InstanceName = instance;
        StepFiles.RemoveAbandoned(options.RunDir, instance);
        RemoteSources.RemoveAbandoned(instance);
        _hostIds = new HostIdBlocks(options.HostIdClaims, options.StateDir, instance);
        _cgroups = CgroupHost.OfThisMachine();
        _cgroupParent = string.Join('/', [.. options.CgroupParent.Split('/', StringSplitOptions.RemoveEmptyEntries), instance]);
        CgroupDelegation.Clear(_cgroups, _cgroupParent);
        string disks = Path.Combine(options.StateDir, "disks");
        _disks = new DiskImages(disks);
        _readyDisk = new ReadyDisk(_disks, disks);
        _trash = new Trash(Path.Combine(options.StateDir, "trash"), loggers.CreateLogger<Trash>());
        _volumeFiles = new VolumeFiles(options, instance, _disks, _trash);
        _limitResources = new LimitResources(_cgroups.Mode, DiskNumber);
        _hostLayers = new HostLayers(Path.Combine(options.StateDir, "host-layers"), _trash);
        _snapshots = new SnapshotStore(database, Path.Combine(options.StateDir, "snapshots"), _trash, StandsOn, _closing.Token);
        _specs = new SpecBuilder(_hostLayers, _snapshots, new FilterFiles(Path.Combine(options.StateDir, "seccomp")), _limitResources, _cgroups.Mode == CgroupMode.V2);
        _shims = new ShimPool(options, loggers.CreateLogger<ShimPool>());
        _limitWatches = new LimitWatches(LogLimitsUnheard);
        _history = new UsageHistory(Sample, () => Stopwatch.GetElapsedTime(0));
        _egress = new EgressTelling(TellOfEgress);
        Wiring = OpenWiring(containers);
        _builder = new Builder(images, Path.Combine(options.StateDir, "build"));
        _containersDir = Path.Combine(options.StateDir, "containers");
        Directory.CreateDirectory(_containersDir);
    }

    public ImageStore Images { get; }

    /// <summary>The random name of its state folder.</summary>
    internal string InstanceName { get; }

    /// <summary>Where the layers above keep their own tables, beside the engine's.</summary>
    public Database Database => _database;
    public EngineOptions Options => _options;
    public int WarmShims => _shims.WarmCount;
    public CgroupMode CgroupMode => _cgroups.Mode;

    /// <summary>Takes the state folder over, as whoever had it before left it: what runs is kept, what ended is recorded, what was half done is undone.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: another engine has the folder, or containers in the folder of sockets.</exception>
    public static async Task<ContainerEngine> OpenAsync(EngineOptions options, ILoggerFactory loggers, CancellationToken cancellation)
    {
        options = options with { StateDir = Path.GetFullPath(options.StateDir), RunDir = Path.GetFullPath(options.RunDir) };
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(options.StateDir, ownerOnly);
        Directory.CreateDirectory(options.ShimSockets, ownerOnly);
        FileLock[] taken = TakeFolders(options);
        Database? database = null;
        try
        {
            await RunFolderOwner.TakeOverAsync(options, cancellation).ConfigureAwait(false);
            string instance = Instance.ReadOrMake(options.StateDir);
            database = Database.Open(Path.Combine(options.StateDir, "quilt.db"));
            database.Migrate("engine", Migrations.Steps);
            database.Write(writer => writer.KeepLast(options.EventsKept));
            ImageStore images = ImageStore.Open(Path.Combine(options.StateDir, "images"), new ImageStoreOptions { MostBytes = options.ImagesMostBytes, DeletesInBackground = true });
            await images.ImportEmbeddedAsync(cancellation).ConfigureAwait(false);
            IReadOnlyList<ContainerRecord> containers = ContainerRows.ReadAll(database);
            ContainerEngine engine = new(options, taken, database, instance, images, containers, loggers);
            await engine.ReconcileAsync(containers, cancellation).ConfigureAwait(false);
            engine._shims.Refill();
            return engine;
        }
        catch
        {
            database?.Dispose();
            Array.ForEach(taken, l => l.Dispose());
            throw;
        }
    }

    /// <summary>Both, before anything in them is touched: whoever else has one of them has containers, and shims, there.</summary>
    private static FileLock[] TakeFolders(EngineOptions options)
    {
        FileLock state = Take(options.StateDir, "state folder", "--state-dir");
        try
        {
            return [state, Take(options.RunDir, "folder of sockets", "--run-dir")];
        }
        catch
        {
            state.Dispose();
            throw;
        }

        static FileLock Take(string folder, string what, string option) => FileLock.TryTake(Path.Combine(folder, "lock"))
            ?? throw new QuiltException(ErrorCode.FailedPrecondition, $"another quiltd has the {what} {folder}", $"stop it, or give another {option}");
    }

    /// <summary>Lets go of everything. Containers run on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _health.DisposeAsync().ConfigureAwait(false);
        _history.Dispose();
        _limitWatches.Dispose();
        _wiringCheck?.Dispose();
        foreach (Alarm alarm in _edgeExpiries.Values)
        {
            alarm.Dispose();
        }

        foreach (Container container in _containers.All())
        {
            container.Expiry?.Dispose();
            container.Shim?.Dispose();
        }

        await _shims.DisposeAsync().ConfigureAwait(false);
        _egress.Dispose();
        await _trash.DisposeAsync().ConfigureAwait(false);
        _readyDisk.Dispose();
        _disks.Dispose();
        _fileWork.Dispose();
        _hostIds.Dispose();
        Wiring.Dispose();
        RemoveGroupsOfOurs();
        _database.Dispose();
        Array.ForEach(_locks, l => l.Dispose());
    }

    /// <summary>The groups above the containers' own, as far as they are ours; one that still holds some is left.</summary>
    private void RemoveGroupsOfOurs()
    {
        if (_containers.All().Count > 0)
        {
            return;
        }

        foreach (string group in Groups().Where(g => !g.Contains('/', StringComparison.Ordinal)))
        {
            RemoveGroup(group);
        }

        foreach (CgroupHierarchy hierarchy in CgroupHierarchy.OfHost())
        {
            string delegated = CgroupDelegation.PartOf(hierarchy.MountPoint, _cgroupParent);
            for (string path = _cgroupParent; path != delegated; path = Path.GetDirectoryName(path) ?? "")
            {
                Sys.TryRemoveDirectory(Path.Combine(hierarchy.MountPoint, path), out _);
            }
        }
    }

    private BundleLayout LayoutOf(ContainerRecord record) => new(Path.Combine(_containersDir, record.Id.Value)) { HasDisk = record.Spec.Limits.DiskBytes > 0 };

    /// <summary>What a container has written, as overlayfs keeps it.</summary>
    internal ContainerFiles OpenFiles(ContainerRecord record) => ContainerFiles.Open(LayoutOf(record));

    private ICgroup GroupOf(ContainerRecord record) => _cgroups.Open(SpecBuilder.CgroupPath(record));

    /// <summary>Makes a new state known: to the database first, then to whoever looks or waits.</summary>
    private void Change(Container container, ContainerRecord record, params NewEvent[] events) =>
        MakeKnown(container, record, writer => writer.Update(record), events);

    /// <summary>As <see cref="Change"/>, a container that is not in the database yet.</summary>
    private void Introduce(Container container, ContainerRecord record, params NewEvent[] events) =>
        MakeKnown(container, record, writer => writer.Insert(record), events);

    private void MakeKnown(Container container, ContainerRecord record, Action<Database.Writer> write, NewEvent[] events)
    {
        _database.Write(writer =>
        {
            write(writer);
            foreach (NewEvent told in events)
            {
                writer.Append(DateTimeOffset.UtcNow, told.Type, record, told.Attributes);
            }
        });
        container.Set(record);
        if (events.Length > 0)
        {
            _events.Beat();
        }
    }

    private static QuiltException Not(string operation, ContainerRecord record, string remedy) => new(
        ErrorCode.FailedPrecondition, $"cannot {operation} the container '{record.Name}': it is {record.State.Name}", remedy, "container");
}
