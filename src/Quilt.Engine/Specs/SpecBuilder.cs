using System.Globalization;
using Quilt.Images;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>Writes the OCI configuration of a container: what was asked for, within the confinement that all have.</summary>
internal sealed class SpecBuilder(HostLayers hostLayers, SnapshotStore snapshots, FilterFiles filters, LimitResources limits, bool mountCgroups)
{
    private const ulong WantedOpenFiles = 65536;

    // Under pressure on the whole host the kernel ends containers before what serves them (proc_pid_oom_score_adj(5)).
    private const int OomScore = 300;

    internal static string CgroupPath(ContainerRecord record) =>
        record.Group.Length == 0 ? $"{record.CgroupParent}/{record.Id.Value}" : $"{record.CgroupParent}/{record.Group}/{record.Id.Value}";

    /// <summary>What a container shows before it has written anything, lowest first.</summary>
    internal IReadOnlyList<string> LayersOf(ContainerRecord record, BundleLayout layout, ImageRoot image) =>
        [.. image.LayerFolders, record.Spec.Build.Length > 0 ? HostLayers.MakeIn(layout.Root, image) : hostLayers.For(image), .. snapshots.LayersOf(record.Snapshot)];

    internal OciSpec Build(ContainerRecord record, BundleLayout layout, ImageRoot image, ImageUser user, IReadOnlyList<OciMount> volumes)
    {
        ContainerSpec asked = record.Spec;
        OciIdMapping[] ids = [new(0, record.HostIdBase, HostIdBlocks.IdsPerContainer)];
        return new OciSpec
        {
            OciVersion = "1.2.0",
            Hostname = asked.Hostname ?? record.Id.Short,
            Root = new OciRoot(layout.Rootfs) { Readonly = asked.ReadOnlyRootfs },
            Process = Process(record, user, asked.Terminal),
            Mounts = [.. StandardMounts.All, .. mountCgroups ? (OciMount[])[Cgroups] : [], .. Own(record, layout, volumes)],
            Annotations = Annotations(record, layout, image),
            Linux = new OciLinux
            {
                Namespaces = [.. ((string[])["user", "pid", "network", "ipc", "uts", "mount", "cgroup"]).Select(type => new OciNamespace(type))],
                UidMappings = ids,
                GidMappings = ids,
                CgroupsPath = CgroupPath(record),
                // The launcher adds the standard devices.
                Resources = limits.Of(asked.Limits) with { Devices = [new OciDeviceRule(false) { Access = "rwm" }] },
                MaskedPaths = ProtectedPaths.Masked,
                ReadonlyPaths = ProtectedPaths.ReadOnly,
            },
        };
    }

    /// <summary>A process of the container: its own, or an exec's, with the same confinement.</summary>
    internal static OciProcess Process(ContainerRecord record, ImageUser user, bool terminal)
    {
        IReadOnlyList<string> capabilities = record.Spec.Capabilities;
        IReadOnlyList<string> held = user.Uid == 0 ? capabilities : [];
        return new OciProcess
        {
            Args = record.Command.Count > 0 ? record.Command : [Idle],
            Cwd = record.WorkingDirectory,
            Env = Environment(record.Environment, user, terminal),
            Terminal = terminal,
            User = new OciUser(user.Uid, user.Gid) { AdditionalGids = user.AdditionalGids },
            NoNewPrivileges = true,
            OomScoreAdj = OomScore,

            // Who is not root inside has none to begin with, and no set-id program to get them by.
            Capabilities = new OciCapabilities { Bounding = capabilities, Permitted = held, Effective = held },
            Rlimits = Limits(record.Spec.Ulimits),
        };
    }

    /// <summary>Without CAP_SYS_RESOURCE nobody gives more than they have themselves (getrlimit(2)).</summary>
    internal static ulong OpenFiles { get; } = Math.Min(WantedOpenFiles, Sys.GetResourceLimit(ResourceLimits.NumberOf("RLIMIT_NOFILE")).Hard);

    /// <summary>What a container shows that has no command: its init is all there is.</summary>
    private const string Idle = "(idle)";

    private static OciMount Cgroups { get; } =
        new("/sys/fs/cgroup") { Type = "cgroup", Source = "cgroup", Options = ["nosuid", "noexec", "nodev", "relatime", "ro"] };

    private Dictionary<string, string> Annotations(ContainerRecord record, BundleLayout layout, ImageRoot image)
    {
        Dictionary<string, string> annotations = new()
        {
            [QuiltAnnotations.Lower] = string.Join(':', LayersOf(record, layout, image).Reverse()),
            [QuiltAnnotations.Upper] = layout.Upper,
            [QuiltAnnotations.Work] = layout.Work,
            [QuiltAnnotations.SeccompProgram] = filters.For(record.Spec.Capabilities),
        };
        if (record.Command.Count == 0)
        {
            annotations[QuiltAnnotations.KeepAlive] = "true";
        }
        else if (record.Spec.Init)
        {
            annotations[QuiltAnnotations.Init] = "true";
        }

        return annotations;
    }

    private static List<OciRlimit> Limits(IReadOnlyList<Ulimit> asked) =>
    [
        .. asked.Select(u => new OciRlimit(u.Name, u.Hard, u.Soft)),
        .. ((OciRlimit[])[new("RLIMIT_NOFILE", OpenFiles, OpenFiles), new("RLIMIT_CORE", 0, 0)]).Where(d => !asked.Any(u => u.Name == d.Type)),
    ];

    private static List<string> Environment(IReadOnlyDictionary<string, string> environment, ImageUser user, bool terminal)
    {
        List<string> variables = [.. environment.Select(v => $"{v.Key}={v.Value}")];
        void Default(string name, string value)
        {
            if (!environment.ContainsKey(name))
            {
                variables.Add($"{name}={value}");
            }
        }

        Default("HOME", user.Home);
        if (terminal)
        {
            Default("TERM", "xterm");
        }

        return variables;
    }

    /// <summary>What lies below another mount comes after it.</summary>
    private static IEnumerable<OciMount> Own(ContainerRecord record, BundleLayout layout, IReadOnlyList<OciMount> volumes) =>
        record.Volumes.Select((path, number) => Volume(path, layout.Volume(number))).Concat(record.Spec.Tmpfs.Select(Tmpfs)).Concat(record.Spec.Binds.Select(Bind)).Concat(volumes)
            .OrderBy(m => m.Destination.Split('/', StringSplitOptions.RemoveEmptyEntries).Length);

    /// <summary>Its files are the container's already: no ids are mapped.</summary>
    private static OciMount Volume(string path, string folder) => new(path) { Type = "bind", Source = folder, Options = ["bind", "nosuid", "nodev"] };

    private static OciMount Bind(BindMount bind) => new(bind.Path)
    {
        Type = "bind",
        Source = bind.Source,
        Options = ["bind", "nosuid", "nodev", .. bind.IsShifted ? (string[])[] : ["idmap"], .. bind.ReadOnly ? (string[])["ro"] : []],
    };

    private static OciMount Tmpfs(TmpfsMount tmpfs) => new(tmpfs.Path)
    {
        Type = "tmpfs",
        Source = "tmpfs",
        Options = ["nosuid", "nodev", "mode=1777", .. tmpfs.SizeBytes > 0 ? (string[])[string.Create(CultureInfo.InvariantCulture, $"size={tmpfs.SizeBytes}")] : []],
    };
}
