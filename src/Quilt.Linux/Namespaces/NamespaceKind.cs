namespace Quilt.Linux;

/// <summary>CLONE_NEW* (namespaces(7)).</summary>
[Flags]
public enum NamespaceKind
{
    None = 0,
    Time = 0x00000080,
    Mount = 0x00020000,
    Cgroup = 0x02000000,
    Uts = 0x04000000,
    Ipc = 0x08000000,
    User = 0x10000000,
    Pid = 0x20000000,
    Network = 0x40000000,
}

public static class NamespaceKinds
{
    /// <summary>From the runtime spec's name; <see cref="NamespaceKind.None"/> for an unknown one.</summary>
    public static NamespaceKind Parse(string ociName) => ociName switch
    {
        "pid" => NamespaceKind.Pid,
        "network" => NamespaceKind.Network,
        "mount" => NamespaceKind.Mount,
        "ipc" => NamespaceKind.Ipc,
        "uts" => NamespaceKind.Uts,
        "user" => NamespaceKind.User,
        "cgroup" => NamespaceKind.Cgroup,
        "time" => NamespaceKind.Time,
        _ => NamespaceKind.None,
    };
}
