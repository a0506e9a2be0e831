using Quilt.Core;
using Quilt.Oci;

namespace Quilt.Launch.Plans;

/// <summary>Compiles an OCI configuration to the steps that assemble its root filesystem. Touches nothing.</summary>
public static class SetupPlan
{
    private static readonly (string Path, uint Major, uint Minor)[] DefaultDevices =
    [
        ("/dev/null", 1, 3), ("/dev/zero", 1, 5), ("/dev/full", 1, 7), ("/dev/random", 1, 8), ("/dev/urandom", 1, 9), ("/dev/tty", 5, 0),
    ];

    private static readonly (string Link, string Target)[] DefaultLinks =
    [
        ("/dev/fd", "/proc/self/fd"), ("/dev/stdin", "/proc/self/fd/0"), ("/dev/stdout", "/proc/self/fd/1"), ("/dev/stderr", "/proc/self/fd/2"),
        ("/dev/ptmx", "pts/ptmx"),
    ];

    /// <param name="spec">The configuration, already validated.</param>
    /// <param name="bundle">Relative sources of bind mounts are relative to it.</param>
    /// <param name="cgroupMounts">What a mount of type <c>cgroup</c> becomes here, which depends on the host's cgroup mode.</param>
    public static IReadOnlyList<SetupStep> Compile(OciSpec spec, string bundle, Func<OciMount, MountOptions, IEnumerable<SetupStep>> cgroupMounts)
    {
        List<SetupStep> steps = Assemble(spec, bundle, cgroupMounts);

        // As late as can be, since the groups are made meanwhile: before what shows the group, and what is to count in it.
        int place = steps.FindIndex(s => s is SetupStep.MountFilesystem { Type: "cgroup" or "cgroup2" } or SetupStep.MountFilesystem { CopyUp: true });
        steps.Insert(place < 0 ? steps.Count : place, new SetupStep.EnterGroup());
        return steps;
    }

    private static List<SetupStep> Assemble(OciSpec spec, string bundle, Func<OciMount, MountOptions, IEnumerable<SetupStep>> cgroupMounts)
    {
        List<SetupStep> steps = [];
        OciLinux linux = spec.Linux ?? new OciLinux();
        bool newUserNamespace = linux.Namespaces.Any(n => n.Type == "user");
        bool newUts = linux.Namespaces.Any(n => n is { Type: "uts", Path: null or "" });
        if (newUts && !string.IsNullOrEmpty(spec.Hostname))
        {
            steps.Add(new SetupStep.SetHostname(spec.Hostname));
        }

        if (newUts && !string.IsNullOrEmpty(spec.Domainname))
        {
            steps.Add(new SetupStep.SetDomainname(spec.Domainname));
        }

        if (!linux.Namespaces.Any(n => n is { Type: "mount", Path: null or "" }))
        {
            return steps;
        }

        bool ownDev = false;
        bool readOnlyDev = false;
        foreach (OciMount mount in spec.Mounts)
        {
            MountOptions options = MountOptions.Parse(mount.Options);
            string target = Clean(mount.Destination);
            if (target == "/dev")
            {
                ownDev = !options.Bind && mount.Type != "bind";
                if (ownDev && options.Set.HasFlag(MountAttributes.ReadOnly))
                {
                    // Its nodes have to be made first.
                    readOnlyDev = true;
                    options = MountOptions.Parse([.. mount.Options, "rw"]);
                }
            }

            if (options.Bind || mount.Type == "bind")
            {
                steps.Add(Bind(mount, options, target, bundle));
            }
            else if (mount.Type == "cgroup")
            {
                steps.AddRange(cgroupMounts(mount, options));
            }
            else
            {
                steps.Add(Filesystem(mount, options, target, linux.MountLabel));
            }
        }

        if (ownDev || !spec.Mounts.Any(m => Clean(m.Destination) == "/dev"))
        {
            AddDevices(steps, linux, newUserNamespace);
            if (spec.Process?.Terminal == true && (readOnlyDev || spec.Root?.Readonly == true))
            {
                // The terminal's place, which is found when all is read-only.
                steps.Add(new SetupStep.MakeFile("/dev/console"));
            }
        }

        steps.AddRange(linux.Sysctl.Select(s => new SetupStep.WriteSysctl(s.Key, s.Value)));
        steps.AddRange(linux.ReadonlyPaths.Select(p => new SetupStep.ReadOnlyPath(p)));
        steps.AddRange(linux.MaskedPaths.Select(p => new SetupStep.MaskPath(p)));
        if (readOnlyDev)
        {
            steps.Add(new SetupStep.ReadOnlyMount("/dev"));
        }

        if (spec.Root?.Readonly == true)
        {
            steps.Add(new SetupStep.ReadOnlyMount("/"));
        }

        return steps;
    }

    /// <param name="label">SELinux' context of the files in it, where that is active.</param>
    private static SetupStep.MountFilesystem Filesystem(OciMount mount, MountOptions options, string target, string? label)
    {
        string type = mount.Type ?? throw QuiltException.Invalid("mounts.type", $"the mount at {target} has no type", "give a file system type or the option 'bind'");
        if (!string.IsNullOrEmpty(label) && type is ("tmpfs" or "devpts"))
        {
            options.Data.Add(new("context", label));
        }

        return options.CopyUp && type != "tmpfs"
            ? throw QuiltException.Invalid("mounts.options", $"the mount at {target} has the option 'tmpcopyup' and is no tmpfs", "leave the option out")
            : new SetupStep.MountFilesystem(type, target, options.Set, options.Propagation, WithSource(mount, options), options.CopyUp);
    }

    private static SetupStep.BindMount Bind(OciMount mount, MountOptions options, string target, string bundle)
    {
        string source = mount.Source
            ?? throw QuiltException.Invalid("mounts.source", $"the bind mount at {target} has no source", "give a host path");
        IdMap? idMap = options.IdMap || mount.UidMappings.Count > 0
            ? new IdMap(mount.UidMappings, mount.GidMappings, options.IdMapRecursive)
            : null;

        // The kernel wants the field of access time modes cleared whole, also where one of them is then set.
        MountAttributes clear = options.Clear & (~options.Set | MountAttributes.AtimeMask);
        return new SetupStep.BindMount(
            Path.GetFullPath(source, bundle), target, options.BindRecursive, options.Set, clear,
            options.AttributesRecursive, options.Propagation, idMap);
    }

    /// <summary>File systems on a device, and FUSE, know their source; for the others it is a label in mountinfo.</summary>
    private static List<KeyValuePair<string, string?>> WithSource(OciMount mount, MountOptions options) =>
        string.IsNullOrEmpty(mount.Source) ? options.Data : [new("source", mount.Source), .. options.Data];

    /// <summary>The default devices of the runtime spec, and those asked for. A user namespace cannot mknod: there they are bound.</summary>
    private static void AddDevices(List<SetupStep> steps, OciLinux linux, bool userNamespace)
    {
        HashSet<string> own = [.. linux.Devices.Select(d => Clean(d.Path))];
        foreach ((string path, uint major, uint minor) in DefaultDevices)
        {
            if (!own.Contains(path))
            {
                steps.Add(Device(new OciDevice("c", path) { Major = major, Minor = minor, FileMode = 0x1B6 }, userNamespace));
            }
        }

        foreach (OciDevice device in linux.Devices)
        {
            steps.Add(Device(device, userNamespace));
        }

        foreach ((string link, string target) in DefaultLinks)
        {
            steps.Add(new SetupStep.MakeSymlink(link, target));
        }
    }

    private static SetupStep Device(OciDevice device, bool userNamespace)
    {
        string target = Clean(device.Path);
        return userNamespace
            ? new SetupStep.BindMount(target, target, false, MountAttributes.NoExec | MountAttributes.NoSuid, MountAttributes.None, false, null, null)
            : new SetupStep.MakeDevice(target, DeviceMode(device), (uint)device.Major, (uint)device.Minor, device.Uid ?? 0, device.Gid ?? 0);
    }

    private static uint DeviceMode(OciDevice device)
    {
        const uint character = 0x2000, block = 0x6000, fifo = 0x1000;
        uint type = device.Type switch
        {
            "c" or "u" => character,
            "b" => block,
            "p" => fifo,
            _ => throw QuiltException.Invalid("linux.devices.type", $"device type '{device.Type}' is unknown", "use c, u, b or p"),
        };
        return type | (device.FileMode ?? 0x1B6);
    }

    /// <summary>Without trailing or doubled slashes, absolute. '..' is left to the kernel, which resolves it inside the root.</summary>
    internal static string Clean(string path) => "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."));
}
