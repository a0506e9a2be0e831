using System.Text.Json.Serialization;

namespace Quilt.Oci;

/// <summary>What <c>features</c> prints.</summary>
/// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/features.md"/>
public sealed record OciFeatures
{
    public required string OciVersionMin { get; init; }
    public required string OciVersionMax { get; init; }
    public required IReadOnlyList<string> Hooks { get; init; }
    public required IReadOnlyList<string> MountOptions { get; init; }
    public required OciLinuxFeatures Linux { get; init; }
}

public sealed record OciLinuxFeatures
{
    public required IReadOnlyList<string> Namespaces { get; init; }
    public required IReadOnlyList<string> Capabilities { get; init; }
    public required OciCgroupFeatures Cgroup { get; init; }
    public required OciSeccompFeatures Seccomp { get; init; }
    public required OciEnabled Apparmor { get; init; }
    public required OciEnabled Selinux { get; init; }
    public required OciEnabled IntelRdt { get; init; }
    public required OciMountExtensions MountExtensions { get; init; }
}

/// <param name="Systemd">Scopes are registered with systemd.</param>
public sealed record OciCgroupFeatures(bool V1, bool V2, bool Systemd, bool SystemdUser, bool Rdma);

/// <summary>Implemented, whether or not this host has it.</summary>
public sealed record OciEnabled(bool Enabled);

public sealed record OciSeccompFeatures(bool Enabled);

public sealed record OciMountExtensions(OciIdMapFeature Idmap);

public sealed record OciIdMapFeature(bool Enabled);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OciFeatures))]
public sealed partial class OciFeaturesJson : JsonSerializerContext;
