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
    public IReadOnlyList<OciMount> Mounts { get; init; } = [];
    public OciHooks? Hooks { get; init; }
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
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
    public IReadOnlyList<string> Options { get; init; } = [];
    public IReadOnlyList<OciIdMapping> UidMappings { get; init; } = [];
    public IReadOnlyList<OciIdMapping> GidMappings { get; init; } = [];
}

public sealed record OciHooks
{
    /// <summary>Deprecated by the spec in favour of the three that follow; still run at its place.</summary>
    public IReadOnlyList<OciHook> Prestart { get; init; } = [];
    public IReadOnlyList<OciHook> CreateRuntime { get; init; } = [];
    public IReadOnlyList<OciHook> CreateContainer { get; init; } = [];
    public IReadOnlyList<OciHook> StartContainer { get; init; } = [];
    public IReadOnlyList<OciHook> Poststart { get; init; } = [];
    public IReadOnlyList<OciHook> Poststop { get; init; } = [];
}

public sealed record OciHook(string Path)
{
    public IReadOnlyList<string> Args { get; init; } = [];
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Seconds.</summary>
    public int? Timeout { get; init; }
}
