namespace Quilt.Launch.Plans;

/// <summary>The options of an OCI mount, sorted into what the mount API takes them as.</summary>
/// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#linux-mount-options"/>
public sealed record MountOptions
{
    private static readonly Dictionary<string, (MountAttributes Set, MountAttributes Clear)> AttributeNames = new(StringComparer.Ordinal)
    {
        ["ro"] = (MountAttributes.ReadOnly, 0),
        ["rw"] = (0, MountAttributes.ReadOnly),
        ["nosuid"] = (MountAttributes.NoSuid, 0),
        ["suid"] = (0, MountAttributes.NoSuid),
        ["nodev"] = (MountAttributes.NoDev, 0),
        ["dev"] = (0, MountAttributes.NoDev),
        ["noexec"] = (MountAttributes.NoExec, 0),
        ["exec"] = (0, MountAttributes.NoExec),
        ["nosymfollow"] = (MountAttributes.NoSymlinkFollow, 0),
        ["symfollow"] = (0, MountAttributes.NoSymlinkFollow),
        ["noatime"] = (MountAttributes.NoAtime, MountAttributes.AtimeMask),
        ["atime"] = (0, MountAttributes.AtimeMask),
        ["relatime"] = (0, MountAttributes.AtimeMask),
        ["norelatime"] = (0, 0),
        ["strictatime"] = (MountAttributes.StrictAtime, MountAttributes.AtimeMask),
        ["nostrictatime"] = (0, MountAttributes.AtimeMask),
        ["nodiratime"] = (MountAttributes.NoDirAtime, 0),
        ["diratime"] = (0, MountAttributes.NoDirAtime),
        ["defaults"] = (0, 0),
    };

    private static readonly Dictionary<string, Propagation> PropagationNames = new(StringComparer.Ordinal)
    {
        ["private"] = Plans.Propagation.Private,
        ["rprivate"] = Plans.Propagation.Private,
        ["slave"] = Plans.Propagation.Slave,
        ["rslave"] = Plans.Propagation.Slave,
        ["shared"] = Plans.Propagation.Shared,
        ["rshared"] = Plans.Propagation.Shared,
        ["unbindable"] = Plans.Propagation.Unbindable,
        ["runbindable"] = Plans.Propagation.Unbindable,
    };

    /// <summary>What mount(2) knows and means nothing to us, or to a new file system, which takes its flags by name.</summary>
    private static readonly HashSet<string> Meaningless = new(StringComparer.Ordinal) { "remount", "copy-symlink", "silent", "loud", "iversion", "noiversion", "acl", "noacl" };

    /// <summary>Every option that is not a file system's own.</summary>
    public static IEnumerable<string> Known =>
        AttributeNames.Keys.Concat(PropagationNames.Keys).Concat(["bind", "rbind", "idmap", "ridmap", "tmpcopyup"]).Order(StringComparer.Ordinal);

    public MountAttributes Set { get; private set; }
    public MountAttributes Clear { get; private set; }

    /// <summary>An option of the kind <c>rro</c> reaches the mounts below too.</summary>
    public bool AttributesRecursive { get; private set; }
    public Propagation? Propagation { get; private set; }
    public bool Bind { get; private set; }
    public bool BindRecursive { get; private set; }
    public bool IdMap { get; private set; }
    public bool IdMapRecursive { get; private set; }

    /// <summary>A new tmpfs begins with what the folder has that it covers.</summary>
    public bool CopyUp { get; private set; }
    public List<KeyValuePair<string, string?>> Data { get; } = [];

    public static MountOptions Parse(IReadOnlyList<string> options)
    {
        MountOptions parsed = new();
        foreach (string option in options)
        {
            parsed.Add(option);
        }

        return parsed;
    }

    private void Add(string option)
    {
        if (AttributeNames.TryGetValue(option, out (MountAttributes Set, MountAttributes Clear) attribute))
        {
            Apply(attribute);
        }
        else if (PropagationNames.TryGetValue(option, out Propagation propagation))
        {
            Propagation = propagation;
        }
        else if (option.Length > 1 && option[0] == 'r' && AttributeNames.TryGetValue(option[1..], out attribute))
        {
            Apply(attribute);
            AttributesRecursive = true;
        }
        else if (option is "bind" or "rbind")
        {
            Bind = true;
            BindRecursive |= option == "rbind";
        }
        else if (option is "idmap" or "ridmap")
        {
            IdMap = true;
            IdMapRecursive |= option == "ridmap";
        }
        else if (option == "tmpcopyup")
        {
            CopyUp = true;
        }
        else if (!Meaningless.Contains(option))
        {
            int equals = option.IndexOf('=', StringComparison.Ordinal);
            Data.Add(equals < 0
                ? new KeyValuePair<string, string?>(option, null)
                : new KeyValuePair<string, string?>(option[..equals], option[(equals + 1)..]));
        }
    }

    private void Apply((MountAttributes Set, MountAttributes Clear) attribute)
    {
        Set = (Set & ~attribute.Clear) | attribute.Set;
        Clear = (Clear | attribute.Clear) & ~(attribute.Set & ~MountAttributes.AtimeMask);
    }
}
