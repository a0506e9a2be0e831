namespace Quilt.Oci;

/// <summary>
/// What JSON can hold and the kernel cannot: null where a text or an object has to be, and a zero byte in a text, at which
/// the kernel would end it, so that what was checked were not what is used.
/// </summary>
public static partial class OciSpecValidator
{
    private static void RequireTexts(OciSpec spec)
    {
        Text("ociVersion", spec.OciVersion);
        Optional("root.path", spec.Root?.Path);
        Optional("hostname", spec.Hostname);
        Optional("domainname", spec.Domainname);
        foreach (OciMount mount in Objects("mounts", spec.Mounts))
        {
            Text("mounts.destination", mount.Destination);
            Optional("mounts.type", mount.Type);
            Optional("mounts.source", mount.Source);
            Texts("mounts.options", mount.Options);
            Objects("mounts.uidMappings", mount.UidMappings);
            Objects("mounts.gidMappings", mount.GidMappings);
        }

        foreach ((string name, string value) in spec.Annotations)
        {
            Text("annotations", name);
            Text("annotations", value);
        }

        if (spec.Hooks is { } hooks)
        {
            RequireTexts([.. hooks.Prestart, .. hooks.CreateRuntime, .. hooks.CreateContainer, .. hooks.StartContainer, .. hooks.Poststart, .. hooks.Poststop]);
        }

        RequireTexts(spec.Linux ?? new OciLinux());
    }

    private static void RequireTexts(IReadOnlyList<OciHook> hooks)
    {
        foreach (OciHook hook in Objects("hooks", hooks))
        {
            Text("hooks.path", hook.Path);
            Texts("hooks.args", hook.Args);
            Texts("hooks.env", hook.Env);
        }
    }

    private static void RequireTexts(OciLinux linux)
    {
        foreach (OciNamespace ns in Objects("linux.namespaces", linux.Namespaces))
        {
            Text("linux.namespaces.type", ns.Type);
            Optional("linux.namespaces.path", ns.Path);
        }

        foreach (OciDevice device in Objects("linux.devices", linux.Devices))
        {
            Text("linux.devices.type", device.Type);
            Text("linux.devices.path", device.Path);
        }

        Objects("linux.uidMappings", linux.UidMappings);
        Objects("linux.gidMappings", linux.GidMappings);
        Objects("linux.timeOffsets", [.. linux.TimeOffsets.Values]);
        Optional("linux.cgroupsPath", linux.CgroupsPath);
        Optional("linux.mountLabel", linux.MountLabel);
        Texts("linux.maskedPaths", linux.MaskedPaths);
        Texts("linux.readonlyPaths", linux.ReadonlyPaths);
        Texts("linux.sysctl", [.. linux.Sysctl.SelectMany(s => (string[])[s.Key, s.Value])]);
        RequireTexts(linux.Resources ?? new OciResources());
        if (linux.Seccomp is { } filter)
        {
            Text("linux.seccomp.defaultAction", filter.DefaultAction);
            Texts("linux.seccomp.architectures", filter.Architectures);
            Texts("linux.seccomp.flags", filter.Flags);
            foreach (OciSyscall call in Objects("linux.seccomp.syscalls", filter.Syscalls))
            {
                Text("linux.seccomp.syscalls.action", call.Action);
                Require(call.Names is not null, "linux.seccomp.syscalls.names", "they are missing", "name the system calls");
                Texts("linux.seccomp.syscalls.names", call.Names!);
                Objects("linux.seccomp.syscalls.args", call.Args);
                Texts("linux.seccomp.syscalls.args.op", [.. call.Args.Select(a => a.Op)]);
            }
        }
    }

    private static void RequireTexts(OciResources resources)
    {
        Objects("linux.resources.devices", resources.Devices);
        Texts("linux.resources.hugepageLimits", [.. Objects("linux.resources.hugepageLimits", resources.HugepageLimits).Select(l => l.PageSize)]);
        Texts("linux.resources.network.priorities", [.. Objects("linux.resources.network.priorities", resources.Network?.Priorities ?? []).Select(p => p.Name)]);
        Texts("linux.resources.rdma", [.. resources.Rdma.Keys]);
        Objects("linux.resources.rdma", [.. resources.Rdma.Values]);
        OciBlockIo io = resources.BlockIo ?? new OciBlockIo();
        Objects("linux.resources.blockIO.weightDevice", io.WeightDevice);
        Objects("linux.resources.blockIO.throttle", [.. io.ThrottleReadBpsDevice, .. io.ThrottleWriteBpsDevice, .. io.ThrottleReadIopsDevice, .. io.ThrottleWriteIopsDevice]);
        Texts("linux.resources.unified", [.. resources.Unified.SelectMany(u => (string[])[u.Key, u.Value])]);
    }

    private static void RequireTexts(OciProcess process)
    {
        Text("process.cwd", process.Cwd);
        Texts("process.args", process.Args);
        Texts("process.env", process.Env);
        Texts("process.rlimits", [.. Objects("process.rlimits", process.Rlimits).Select(l => l.Type)]);
        Optional("process.apparmorProfile", process.ApparmorProfile);
        Optional("process.selinuxLabel", process.SelinuxLabel);
        OciCapabilities capabilities = process.Capabilities ?? new OciCapabilities();
        Texts("process.capabilities", [.. capabilities.Bounding, .. capabilities.Permitted, .. capabilities.Effective, .. capabilities.Inheritable, .. capabilities.Ambient]);
    }

    private static IReadOnlyList<T> Objects<T>(string field, IReadOnlyList<T> list)
    {
        foreach (T item in list)
        {
            Require(item is not null, field, "it holds null", "leave the element out");
        }

        return list;
    }

    private static void Texts(string field, IReadOnlyList<string> list)
    {
        foreach (string text in list)
        {
            Text(field, text);
        }
    }

    private static void Text(string field, string? text)
    {
        Require(text is not null, field, "it is null", "give a text");
        Optional(field, text);
    }

    private static void Optional(string field, string? text) =>
        Require(text is null || !text.Contains('\0', StringComparison.Ordinal), field, "it holds a zero byte, at which the kernel would end it", "leave it out");
}
