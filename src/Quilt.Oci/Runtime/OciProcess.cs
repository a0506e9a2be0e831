using System.Collections.Immutable;
using System.Globalization;

namespace Quilt.Oci;

/// <summary>The process to run. Prints without its environment, which may hold secrets.</summary>
public sealed record OciProcess
{
    public bool Terminal { get; init; }
    public OciBox? ConsoleSize { get; init; }
    public required string Cwd { get; init; }
    public IReadOnlyList<string> Env { get => field ?? []; init; }
    public IReadOnlyList<string> Args { get => field ?? []; init; }
    public IReadOnlyList<OciRlimit> Rlimits { get => field ?? []; init; }
    public string? ApparmorProfile { get; init; }
    public OciCapabilities? Capabilities { get; init; }
    public bool NoNewPrivileges { get; init; }
    public int? OomScoreAdj { get; init; }
    public OciScheduler? Scheduler { get; init; }
    public string? SelinuxLabel { get; init; }
    public OciIoPriority? IoPriority { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("execCPUAffinity")]
    public OciCpuAffinity? ExecCpuAffinity { get; init; }
    public OciUser User { get => field ?? new(0, 0); init; }

    public override string ToString() => $"OciProcess {{ Args = {string.Join(' ', Args)}, Cwd = {Cwd}, User = {User} }}";
}

public sealed record OciBox(uint Height, uint Width);

public sealed record OciRlimit(string Type, ulong Hard, ulong Soft)
{
    /// <summary>Every type, at its number (getrlimit(2)), which is the same on x86-64 and arm64.</summary>
    public static ImmutableArray<string> Types { get; } =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE",
        "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];
}

public sealed record OciCapabilities
{
    public IReadOnlyList<string> Bounding { get => field ?? []; init; }
    public IReadOnlyList<string> Permitted { get => field ?? []; init; }
    public IReadOnlyList<string> Inheritable { get => field ?? []; init; }
    public IReadOnlyList<string> Effective { get => field ?? []; init; }
    public IReadOnlyList<string> Ambient { get => field ?? []; init; }
}

public sealed record OciScheduler(string Policy)
{
    public int Nice { get; init; }
    public int Priority { get; init; }
    public IReadOnlyList<string> Flags { get => field ?? []; init; }
    public ulong Runtime { get; init; }
    public ulong Deadline { get; init; }
    public ulong Period { get; init; }
}

public sealed record OciIoPriority(string Class, int Priority);

public sealed record OciCpuAffinity
{
    public string? Initial { get; init; }
    public string? Final { get; init; }
}

public sealed record OciUser(uint Uid, uint Gid)
{
    public uint? Umask { get; init; }
    public IReadOnlyList<uint> AdditionalGids { get => field ?? []; init; }

    /// <summary>UID[:GID], digits alone: a name would have to be looked up in a file that the container controls (CVE-2026-30892).</summary>
    /// <returns>Null where it is anything else.</returns>
    public static OciUser? TryParse(string text)
    {
        string[] parts = text.Split(':');
        uint? uid = TryParseId(parts[0]), gid = parts.Length == 1 ? 0 : TryParseId(parts[1]);
        return parts.Length <= 2 && uid is not null && gid is not null ? new OciUser(uid.Value, gid.Value) : null;
    }

    /// <returns>Null where it is anything but digits, or the number that means nobody.</returns>
    public static uint? TryParseId(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) && id != uint.MaxValue ? id : null;
}
