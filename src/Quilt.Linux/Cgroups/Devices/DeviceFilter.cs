using Quilt.Oci;

namespace Quilt.Linux;

/// <summary>The device rules of a group of cgroup v2: an eBPF program attached to its folder.</summary>
internal static class DeviceFilter
{
    private const string Name = "quilt_devices";

    /// <summary>Puts these rules in force instead of those of the last time.</summary>
    /// <exception cref="SyscallException">EPERM without CAP_BPF and CAP_NET_ADMIN (or CAP_SYS_ADMIN) over the host.</exception>
    internal static void Replace(FileDescriptor folder, IReadOnlyList<OciDeviceRule> rules)
    {
        using FileDescriptor program = Sys.BpfLoadDeviceProgram(DeviceProgram.Compile(rules), Name);
        List<FileDescriptor> before = [.. Sys.BpfDevicePrograms(folder)];
        try
        {
            // Every program there must let an access pass, so between the two calls the old rules and the new hold together.
            // What others (systemd) have attached is theirs and stays.
            Sys.BpfAttachDevices(folder, program);
            foreach (FileDescriptor ours in before.Where(p => Sys.BpfName(p) == Name))
            {
                Sys.BpfDetachDevices(folder, ours);
            }
        }
        finally
        {
            before.ForEach(p => p.Dispose());
        }
    }
}
