namespace Quilt.Launch.Plans;

/// <summary>One step of assembling the root filesystem, in the order of the list. Targets are paths inside the root.</summary>
public abstract record SetupStep
{
    private SetupStep()
    {
    }

    /// <summary>What to call it in an error message.</summary>
    public abstract string Describe();

    /// <param name="Options">File system parameters (fsconfig); a null value is a flag.</param>
    /// <param name="CopyUp">It begins with a copy of what the target has, which it covers.</param>
    public sealed record MountFilesystem(
        string Type, string Target, MountAttributes Attributes, Propagation? Propagation, IReadOnlyList<KeyValuePair<string, string?>> Options, bool CopyUp = false) : SetupStep
    {
        public override string Describe() => $"mount {Type} at {Target}";
    }

    /// <summary>A bind mount of a host path, or of a host device.</summary>
    /// <param name="Recursive">Also what is mounted below the source.</param>
    /// <param name="Clear">Attributes that the source's mount has and this one shall not.</param>
    /// <param name="IdMap">Ids are shifted by the container's user namespace, or by the mappings given.</param>
    public sealed record BindMount(
        string Source, string Target, bool Recursive, MountAttributes Attributes, MountAttributes Clear, bool AttributesRecursive,
        Propagation? Propagation, IdMap? IdMap) : SetupStep
    {
        public override string Describe() => $"bind a host path at {Target}";
    }

    /// <summary>An empty file, where there is none.</summary>
    public sealed record MakeFile(string Target) : SetupStep
    {
        public override string Describe() => $"make the file {Target}";
    }

    public sealed record MakeSymlink(string LinkPath, string LinkTarget) : SetupStep
    {
        public override string Describe() => $"make the symbolic link {LinkPath}";
    }

    /// <param name="Mode">File type and permission bits (mknod(2)).</param>
    public sealed record MakeDevice(string Target, uint Mode, uint Major, uint Minor, uint Uid, uint Gid) : SetupStep
    {
        public override string Describe() => $"make the device {Target}";
    }

    public sealed record MaskPath(string Target) : SetupStep
    {
        public override string Describe() => $"mask {Target}";
    }

    /// <summary>With all that is mounted below it.</summary>
    public sealed record ReadOnlyPath(string Target) : SetupStep
    {
        public override string Describe() => $"make {Target} read-only";
    }

    public sealed record WriteSysctl(string Key, string Value) : SetupStep
    {
        public override string Describe() => $"set the sysctl {Key}";
    }

    public sealed record SetHostname(string Name) : SetupStep
    {
        public override string Describe() => $"set the host name '{Name}'";
    }

    public sealed record SetDomainname(string Name) : SetupStep
    {
        public override string Describe() => $"set the domain name '{Name}'";
    }

    /// <summary>The container's control group, and a cgroup namespace that begins there.</summary>
    public sealed record EnterGroup : SetupStep
    {
        public override string Describe() => "enter the control group";
    }

    /// <summary>The mount there alone, not what is mounted below it.</summary>
    public sealed record ReadOnlyMount(string Target) : SetupStep
    {
        public override string Describe() => $"make the mount at {Target} read-only";
    }
}

/// <summary>MOUNT_ATTR_* (mount_setattr(2)).</summary>
[Flags]
public enum MountAttributes : ulong
{
    None = 0,
    ReadOnly = 0x1,
    NoSuid = 0x2,
    NoDev = 0x4,
    NoExec = 0x8,
    NoAtime = 0x10,
    StrictAtime = 0x20,
    NoDirAtime = 0x80,
    IdMap = 0x100000,
    NoSymlinkFollow = 0x200000,

    /// <summary>The whole field of access time modes, which has to be cleared before one is set.</summary>
    AtimeMask = 0x70,
}

/// <summary>MS_* propagation types (mount_namespaces(7)).</summary>
public enum Propagation : ulong
{
    Unbindable = 1 << 17,
    Private = 1 << 18,
    Slave = 1 << 19,
    Shared = 1 << 20,
}

/// <param name="UidMappings">Empty: the container's own mappings.</param>
/// <param name="Recursive">ridmap rather than idmap.</param>
public sealed record IdMap(IReadOnlyList<Quilt.Oci.OciIdMapping> UidMappings, IReadOnlyList<Quilt.Oci.OciIdMapping> GidMappings, bool Recursive);
