namespace Quilt.Oci;

/// <summary>config.json of an OCI bundle, version 1.2.</summary>
/// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md"/>
public sealed record OciSpec
{
    public required string OciVersion { get; init; }
    public OciProcess? Process { get; init; }
    public OciRoot? Root { get; init; }
    public string? Hostname { get; init; }
    public string? Domainname { get; init; }
    public IReadOnlyList<OciMount> Mounts { get => field ?? []; init; }
    public OciHooks? Hooks { get; init; }
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? new Dictionary<string, string>(); init; }
    public OciLinux? Linux { get; init; }
}

public sealed record OciRoot(string Path)
{
    public bool Readonly { get; init; }
}

public sealed record OciMount(string Destination)
{
    public string? Type { get; init; }
    public string? Source { get; init; }
    public IReadOnlyList<string> Options { get => field ?? []; init; }
    public IReadOnlyList<OciIdMapping> UidMappings { get => field ?? []; init; }
    public IReadOnlyList<OciIdMapping> GidMappings { get => field ?? []; init; }
}

public sealed record OciHooks
{
    /// <summary>Deprecated by the spec in favour of the three that follow; still run at its place.</summary>
    public IReadOnlyList<OciHook> Prestart { get => field ?? []; init; }
    public IReadOnlyList<OciHook> CreateRuntime { get => field ?? []; init; }
    public IReadOnlyList<OciHook> CreateContainer { get => field ?? []; init; }
    public IReadOnlyList<OciHook> StartContainer { get => field ?? []; init; }
    public IReadOnlyList<OciHook> Poststart { get => field ?? []; init; }
    public IReadOnlyList<OciHook> Poststop { get => field ?? []; init; }
}

public sealed record OciHook(string Path)
{
    public IReadOnlyList<string> Args { get => field ?? []; init; }
    public IReadOnlyList<string> Env { get => field ?? []; init; }

    /// <summary>Seconds.</summary>
    public int? Timeout { get; init; }
}
