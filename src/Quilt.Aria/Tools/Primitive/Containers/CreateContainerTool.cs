using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Aria;

public sealed record CreateContainerArguments : LimitArguments
{
    [Description("Your name for it: 1 to 63 letters, digits, '.', '_' or '-'. One is made up where it is left out.")]
    [StringLength(63)]
    public string? Name { get; init; }

    [Description("An image that is here (listImages). Left out: the embedded quilt/busybox.")]
    public string? Image { get; init; }

    [Description("What it runs: program and arguments, no shell text. Left out: the image's; where the image has none, it idles until it is stopped, ready for execInContainer.")]
    [Items(0, 16384)]
    public IReadOnlyList<string>? Command { get; init; }

    [Description("Instead of the image's entrypoint; [] for none.")]
    public IReadOnlyList<string>? Entrypoint { get; init; }

    [Description("Environment variables, added to the image's.")]
    [Sensitive]
    public IReadOnlyDictionary<string, string>? Env { get; init; }

    [Description("Names of secrets that the operator keeps and your grant has (secrets): each is a file in memory, /run/secrets/NAME, for its processes to read. What they hold is in no answer, log, image or snapshot, and is read anew at each start.")]
    public IReadOnlyList<string>? Secrets { get; init; }

    [Description("Absolute path in the container.")]
    public string? WorkingDir { get; init; }

    [Description("NAME or UID, with :GROUP or :GID where wanted.")]
    public string? User { get; init; }

    [Description("Your own notes on it, to list containers by.")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
    public string? Hostname { get; init; }

    [Description("How long it is meant to live. ephemeral: until its command ends; task: until the task ends (give taskId); session: until the session ends; service: until it is removed.")]
    [DefaultValue("session")]
    public ContainerStrategy Strategy { get; set; } = ContainerStrategy.Session;

    [Description("It is removed by force that long after its creation: seconds, or a text such as \"1h30m\".")]
    public TimeSpan? Ttl { get; init; }

    [Description("The task of strategy task (beginTask): its id or name.")]
    public string? TaskId { get; init; }

    [Description("Disk for what it writes, its image's volumes included: bytes, or a text such as \"2GiB\"; at least 16 MiB. At its end writing fails (ENOSPC), in this container alone. Costs some milliseconds; left out: no limit of its own.")]
    public ByteSize? Disk { get; init; }

    [Description("Resource limits of its processes (getrlimit).")]
    public IReadOnlyList<UlimitArguments>? Ulimits { get; init; }

    [Description("Your networks that it is in from the beginning (createNetwork): their names or ids.")]
    public IReadOnlyList<string>? Networks { get; init; }

    [Description("Volumes (createVolume), file systems in memory, and paths of the host that your grant has.")]
    public IReadOnlyList<MountArguments>? Mounts { get; init; }

    [Description("Nothing can be written but to mounts.")]
    public bool ReadOnlyRootfs { get; init; }

    [Description("Linux capabilities beside or without the standard ones. Adding needs a grant.")]
    public CapabilitiesArguments? Capabilities { get; init; }

    [Description("An init as PID 1 that reaps processes and passes signals on.")]
    [DefaultValue(true)]
    public bool? Init { get; init; }

    [Description("What asks it to end, such as TERM or INT.")]
    public string? StopSignal { get; init; }

    [Description("It is killed that long after it was asked to end; 10 s where it is left out.")]
    public TimeSpan? StopTimeout { get; init; }

    [Description("How it is found out whether it works (waitForContainer until healthy). Left out: as its image says.")]
    public HealthcheckArguments? Healthcheck { get; init; }

    [Description("Where several are stopped together, at the end of a session or task, those with the lower number go first: give a server's clients a lower one than the server.")]
    [Range(-1000, 1000)]
    [DefaultValue(0)]
    public int? StopOrder { get; init; }

    [Description("Start it at once, as one operation. Otherwise it waits for startContainer.")]
    [DefaultValue(false)]
    public bool AutoStart { get; init; }

    // Of the faces that have streams.
    [JsonIgnore]
    public bool Tty { get; init; }

    [JsonIgnore]
    public bool StdinOpen { get; init; }

    [JsonIgnore]
    public bool AutoRemove { get; init; }

    [JsonIgnore]
    public WindowSize? Window { get; init; }
}

public sealed record UlimitArguments
{
    [Description("Of getrlimit(2) without RLIMIT_, such as nofile.")]
    public required string Name { get; init; }
    public required ulong Soft { get; init; }
    public required ulong Hard { get; init; }
}

public sealed record MountArguments
{
    [Description("volume: a volume of yours; tmpfs: a file system in memory that goes with the container; bind: a file or folder of the host, by grant.")]
    [AllowedValues(MountsReader.Memory, MountsReader.Volume, MountsReader.HostPath)]
    public string Type { get; set; } = MountsReader.Memory;

    [Description("Absolute path in the container; made where it is missing.")]
    public required string Path { get; init; }

    [Description("The volume's name or id.")]
    public string? Volume { get; init; }

    [Description("Absolute path of the host.")]
    public string? Source { get; init; }

    [Description("Only to be read.")]
    [DefaultValue(false)]
    public bool ReadOnly { get; init; }

    [Description("Of a tmpfs: bytes, or a text such as \"64MiB\".")]
    public ByteSize? Size { get; init; }
}

public sealed record CapabilitiesArguments
{
    [Description("Such as NET_RAW.")]
    public IReadOnlyList<string>? Add { get; init; }

    [Description("Such as CHOWN; ALL for all.")]
    public IReadOnlyList<string>? Drop { get; init; }
}

public sealed record CreateContainerResult
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    [Description("created, or running with autoStart.")]
    public required string State { get; init; }
    public required string ImageDigest { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    [Description("What was done otherwise than it might have been expected.")]
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>See <see cref="Workloads.CreateAsync"/>.</summary>
public sealed class CreateContainerTool(Workloads workloads) : Tool<CreateContainerArguments, CreateContainerResult>
{
    public override ToolDefinition Definition { get; } = new("createContainer")
    {
        Title = "Create a container",
        Description = "Prepares an isolated container of an image, in a few milliseconds. It does not run until startContainer, or at once with autoStart. It can reach nothing over the network until you connect it. It counts against your limits until it is removed, and lives as long as its strategy says.",
        Example = """{"name": "web", "image": "quilt/busybox", "command": ["httpd", "-f", "-p", "8080"], "strategy": "session", "memory": "256MiB", "autoStart": true}""",
    };

    protected override async Task<CreateContainerResult> RunAsync(CreateContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        (ContainerRecord record, IReadOnlyList<string> warnings) = await workloads.CreateAsync(context.Caller, arguments, cancellation).ConfigureAwait(false);
        return new CreateContainerResult
        {
            Id = record.Id.Value,
            Name = record.Name.Value,
            State = record.State.Name,
            ImageDigest = record.ImageDigest.ToString(),
            ExpiresAt = record.ExpiresAt,
            Warnings = warnings,
        };
    }
}
