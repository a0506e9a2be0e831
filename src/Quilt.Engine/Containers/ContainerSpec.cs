using System.Text;
using Quilt.Core;
using Quilt.Images;
using Quilt.Oci;

namespace Quilt.Engine;

/// <summary>What a container shall be, as it was asked for. Its values are valid: whoever made it has checked them.</summary>
public sealed record ContainerSpec
{
    /// <summary>Null: one is made up.</summary>
    public ContainerName? Name { get; init; }
    public required ImageReference Image { get; init; }

    /// <summary>Empty: the image's.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Null: the image's. Empty: none.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Absolute; null: the image's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>See <see cref="UserLookup"/>; empty: the image's.</summary>
    public string User { get; init; } = "";
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Null: the id's first digits.</summary>
    public string? Hostname { get; init; }
    public ContainerStrategy Strategy { get; init; } = ContainerStrategy.Session;

    /// <summary>Removed by force that long after its making.</summary>
    public TimeSpan? Ttl { get; init; }
    public ContainerLimits Limits { get; init; } = ContainerLimits.Default;
    public IReadOnlyList<Ulimit> Ulimits { get; init; } = [];
    public bool ReadOnlyRootfs { get; init; }

    /// <summary>Full names such as <c>CAP_NET_RAW</c>.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = StandardCapabilities.All;

    /// <summary>Our init is PID 1, reaps and passes signals on.</summary>
    public bool Init { get; init; } = true;

    /// <summary>Null: the image's, or SIGTERM.</summary>
    public int? StopSignal { get; init; }

    /// <summary>Null: the image's.</summary>
    public HealthCheckSettings? HealthCheck { get; init; }

    /// <summary>Where several end together, those with the lower number are stopped first, those with the same at once.</summary>
    public int StopOrder { get; init; }
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);
    public bool Terminal { get; init; }
    public bool StdinOpen { get; init; }

    /// <summary>Removed when its command has ended.</summary>
    public bool AutoRemove { get; init; }
    public IReadOnlyList<TmpfsMount> Tmpfs { get; init; } = [];
    public IReadOnlyList<BindMount> Binds { get; init; } = [];
    public IReadOnlyList<HostMount> HostMounts { get; set; } = [];

    /// <summary>Names of secrets that it finds as files in <see cref="SecretFiles.Folder"/>: what they hold is read at each start, and kept nowhere.</summary>
    public IReadOnlyList<string> Secrets { get; set; } = [];

    /// <summary>The build whose step it is: it goes with it, and at the latest when the daemon ends. Empty: of none.</summary>
    public string Build { get; init; } = "";

    // The environment may hold secrets.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Image = ").Append(Image).Append(", Command = ").AppendJoin(' ', Command);
        return true;
    }
}

/// <summary>A folder or file that it finds in its root.</summary>
/// <param name="Source">Absolute, on the host: of our own making, never an agent's word.</param>
/// <param name="Path">Absolute, in the container.</param>
public sealed record BindMount(string Source, string Path, bool ReadOnly)
{
    /// <summary>It belongs to the host's ids of the container; else to the container's own, as layers do.</summary>
    public bool IsShifted { get; init; }
}

/// <param name="Name">Of getrlimit(2), such as <c>RLIMIT_NOFILE</c>.</param>
public sealed record Ulimit(string Name, ulong Soft, ulong Hard);

/// <param name="Path">Absolute, in the container.</param>
/// <param name="SizeBytes">0: half of the container's memory limit holds it anyway.</param>
public sealed record TmpfsMount(string Path, long SizeBytes);
