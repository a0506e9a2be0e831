namespace Quilt.Oci;

/// <summary>The file systems every container has: process, device and kernel information of its own.</summary>
public static class StandardMounts
{
    public static IReadOnlyList<OciMount> All { get; } =
    [
        new("/proc") { Type = "proc", Source = "proc", Options = ["nosuid", "noexec", "nodev"] },
        new("/dev") { Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "strictatime", "mode=755", "size=65536k"] },
        new("/dev/pts") { Type = "devpts", Source = "devpts", Options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
        new("/dev/shm") { Type = "tmpfs", Source = "shm", Options = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
        new("/dev/mqueue") { Type = "mqueue", Source = "mqueue", Options = ["nosuid", "noexec", "nodev"] },
        new("/sys") { Type = "sysfs", Source = "sysfs", Options = ["nosuid", "noexec", "nodev", "ro"] },
    ];
}
