namespace Quilt.Launch.Child;

/// <summary>How a container's process makes the assembled folder its '/'.</summary>
internal enum RootEntry
{
    /// <summary>chroot(2) alone: the mounts are another's, or the host's, and stay as they are.</summary>
    OthersMounts,

    /// <summary>pivot_root(2), and away with what was there before.</summary>
    Pivot,

    /// <summary>For a root on the initial ramfs, which pivot_root(2) refuses: the folder is moved over the old root.</summary>
    Move,

    /// <summary>The mount namespace that it is born in has nothing in it: the folder is attached over its root, and there is nothing to leave.</summary>
    OverEmpty,
}
