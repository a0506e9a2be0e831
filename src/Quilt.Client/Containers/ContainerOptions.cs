using Google.Protobuf.WellKnownTypes;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>What a container is to be. What is not set is the image's or the daemon's default.</summary>
public sealed record ContainerOptions
{
    /// <summary>Null: one is made up.</summary>
    public string? Name { get; init; }

    /// <summary>Null: the embedded <c>quilt/busybox</c>.</summary>
    public string? Image { get; init; }

    /// <summary>The command and its arguments; empty: the image's, and with none there it idles until stopped.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Null: the image's; empty: none.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Name or id, and after a colon the group's.</summary>
    public string? User { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public string? Hostname { get; init; }

    public ContainerStrategy Strategy { get; init; }

    /// <summary>Of strategy <see cref="ContainerStrategy.Task"/>: the task's id or name.</summary>
    public string? Task { get; init; }

    /// <summary>Where several end together, the lower ones are stopped first.</summary>
    public int StopOrder { get; init; }

    /// <summary>Networks that it is in from the beginning, by their names or ids.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>Removed by force when it runs out.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Bytes; 0 for the default.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>1.5 is one and a half cores; 0 for the default.</summary>
    public double Cpus { get; init; }

    /// <summary>Most processes; 0 for the default, -1 for no limit.</summary>
    public long Pids { get; init; }

    /// <summary>Bytes for what it writes and its image's volumes, at least 16 MiB; 0 for no limit of its own.</summary>
    public long DiskBytes { get; init; }

    public bool ReadOnlyRootFilesystem { get; init; }

    public IReadOnlyList<string> AddCapabilities { get; init; } = [];

    public IReadOnlyList<string> DropCapabilities { get; init; } = [];

    /// <summary>File systems in memory: their paths, and their sizes in bytes (0 for the default).</summary>
    public IReadOnlyDictionary<string, long> Tmpfs { get; init; } = new Dictionary<string, long>();

    /// <summary>Volumes, and paths of the host that the caller's grant has.</summary>
    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    /// <summary>Names of secrets that the operator keeps and the caller's grant has: each is a file in memory, <c>/run/secrets/NAME</c>.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>What asks it to end, such as <c>TERM</c>.</summary>
    public string? StopSignal { get; init; }

    /// <summary>How long it may take when asked to end.</summary>
    public TimeSpan? StopTimeout { get; init; }

    /// <summary>Null: the image's.</summary>
    public HealthCheckOptions? HealthCheck { get; init; }

    /// <summary>Whether <see cref="QuiltContainer.DisposeAsync"/> removes it, by force. Without, it is left to its strategy.</summary>
    public bool RemoveOnDispose { get; init; } = true;

    internal Wire.ContainerSpec ToWire()
    {
        Wire.ContainerSpec spec = new()
        {
            Name = Name ?? "",
            Image = Image ?? "",
            ClearEntrypoint = Entrypoint is { Count: 0 },
            WorkingDir = WorkingDirectory ?? "",
            User = User ?? "",
            Hostname = Hostname ?? "",
            Strategy = StrategyNames.Of(Strategy),
            TaskId = Task ?? "",
            StopOrder = StopOrder,
            Ttl = TimeToLive?.ToDuration(),
            Resources = new Wire.Resources { MemoryBytes = MemoryBytes, Cpus = Cpus, Pids = Pids, DiskBytes = DiskBytes },
            ReadOnlyRootfs = ReadOnlyRootFilesystem,
            StopSignal = StopSignal ?? "",
            StopTimeout = StopTimeout?.ToDuration(),
            HealthCheck = HealthCheck?.ToWire(),
        };
        spec.Command.AddRange(Command);
        spec.Entrypoint.AddRange(Entrypoint ?? []);
        spec.Env.Add(Environment.ToDictionary());
        spec.Labels.Add(Labels.ToDictionary());
        spec.CapAdd.AddRange(AddCapabilities);
        spec.CapDrop.AddRange(DropCapabilities);
        spec.Networks.AddRange(Networks);
        spec.Secrets.AddRange(Secrets);
        spec.Mounts.AddRange(Mounts.Select(m => m.ToWire()));
        spec.Tmpfs.AddRange(Tmpfs.Select(t => new Wire.Tmpfs { Path = t.Key, SizeBytes = t.Value }));
        return spec;
    }

    /// <summary>An environment may hold secrets.</summary>
    public override string ToString() => $"{Name ?? "a container"} of {Image ?? "quilt/busybox"}";
}
