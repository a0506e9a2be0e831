using System.Runtime.InteropServices;

namespace Quilt.Launch.Child;

/// <summary>What a step of the child's program does; the fields of <see cref="ChildStep"/> it reads are named with it.</summary>
internal enum ChildOp
{
    /// <summary>A new file system of type Text with Options at Path; Attributes (MOUNT_ATTR_*), Propagation.</summary>
    MountFilesystem,

    /// <summary>The received mount Number at Path.</summary>
    AttachMount,
    MakeFile,

    /// <summary>A symbolic link at Path to Text.</summary>
    MakeSymlink,

    /// <summary>mknod at Path: Mode, Number (device), Uid, Gid.</summary>
    MakeDevice,
    MaskPath,
    ReadOnlyPath,

    /// <summary>Text into /proc/sys/Path.</summary>
    WriteSysctl,
    SetHostname,
    SetDomainname,

    /// <summary>The v1 groups, whose files come now, and a cgroup namespace.</summary>
    EnterGroup,
    ReadOnlyMount,
}

[Flags]
internal enum ChildStepFlags
{
    None = 0,

    /// <summary>The target, where it is missing, is made as a file rather than a folder.</summary>
    TargetIsFile = 1,

    /// <summary>No component of the target may be a symbolic link (/proc, /sys, /dev: CVE-2019-19921, CVE-2026-41579).</summary>
    NoSymlinks = 2,

    /// <summary>A new tmpfs has the permissions of the folder it covers.</summary>
    ModeOfTarget = 4,

    /// <summary>A new tmpfs begins with a copy of what the folder has that it covers.</summary>
    CopyUp = 8,
}

/// <summary>One step, in native memory that was written before the clone.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ChildStep
{
    internal ChildOp Op;
    internal ChildStepFlags Flags;
    internal byte* Path;
    internal byte* Text;

    /// <summary>Key, value, key, value...; a null value is a flag.</summary>
    internal byte** Options;
    internal int OptionCount;
    internal uint Mode;
    internal ulong Attributes;
    internal ulong Propagation;
    internal ulong Number;
    internal uint Uid;
    internal uint Gid;
}

/// <summary>Everything that the child reads between clone and exec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ChildProgram
{
    /// <summary>The child's end of the control socket (SOCK_SEQPACKET).</summary>
    internal int Control;

    /// <summary>The parent's end, of which the child has a copy: closed first of all, or the socket would not end with the parent.</summary>
    internal int ParentControl;

    /// <summary>A listening socket whose first connection is the order to start; -1: the order comes on <see cref="Control"/>.</summary>
    internal int StartListener;

    /// <summary>There is no order to wait for.</summary>
    internal int StartAtOnce;
    internal int Stdin, Stdout, Stderr;
    internal int Terminal;
    internal ushort Columns, Rows;

    /// <summary>The first descriptor not to be inherited; 3 unless descriptors are preserved.</summary>
    internal int FirstClosedFd;

    /// <summary>Only hold the namespaces open until killed.</summary>
    internal int WaitOnly;

    /// <summary>
    /// v1 <c>tasks</c> files, to each of which the child writes itself: an exec first of all, a container when they come, since
    /// its groups are made while it assembles its root.
    /// </summary>
    internal int CgroupCount;
    internal int* Cgroups;

    /// <summary>The parent says when the container's groups stand and have their limits.</summary>
    internal int GroupComes;

    /// <summary>
    /// Upper ends of the stacks of those children that share our memory: of the one that has joined (null: an intermediate child is
    /// not needed), and of the command beside an init.
    /// </summary>
    internal byte* JoinedStack, CommandStack;

    /// <summary>In memory shared with the launcher: the number of the child that has joined, which is the launcher's to reap.</summary>
    internal int* Joined;

    // Joining.
    internal int JoinCount;
    internal JoinNamespace* Joins;
    internal int NewTimeNamespace;
    internal byte* TimeOffsets;
    internal ulong CloneFlags;

    /// <summary>The new namespaces that the child makes itself, while its parent does what a container needs besides.</summary>
    internal ulong UnshareFlags;

    // Setting up; StepCount 0 and RootPath null for an exec.
    internal byte* RootPath;
    internal RootEntry RootEntry;
    internal int NewNetworkNamespace;

    /// <summary>Unshared only after the parent has put us into the container's cgroup, which becomes its root.</summary>
    internal int NewCgroupNamespace;
    internal ulong RootPropagation;
    internal int FinalRootPropagation;
    internal int AskForHooks;
    internal int StepCount;
    internal ChildStep* Steps;
    internal int MountCount;
    internal int* Mounts; // filled by the receipt

    // Confining.
    internal int DieWithParent;
    internal int HasUserNamespace;
    internal uint Uid, Gid;
    internal uint* Groups;
    internal int GroupCount;
    internal uint Umask;
    internal ulong CapBounding, CapPermitted, CapInheritable, CapEffective, CapAmbient;
    internal int LastCapability;
    internal int NoNewPrivileges;
    internal int NewKeyring;

    /// <summary>Null: the keyring has none.</summary>
    internal byte* KeyringName;
    internal ulong Personality;
    internal byte* LsmAttribute; // path below /proc/PID
    internal byte* LsmLabel;
    internal void* SeccompFilter; // struct sock_fprog
    internal uint SeccompFlags;
    internal int SeccompNotify;

    // Running.
    internal int Init;
    internal int KeepAlive;

    /// <summary>Its stdio is given to its user: not a hook's, which is the runtime's own.</summary>
    internal int GivesStdio;

    /// <summary>Where the launcher's own command line lies in memory, to be covered where others see it.</summary>
    internal byte* ArgumentsStart, ArgumentsEnd;
    internal byte* Cwd;
    internal byte** Argv;
    internal byte** Envp;

    /// <summary>The entry <c>HOME=</c> of <see cref="Envp"/> with room for a path; null where the configuration gives one.</summary>
    internal byte* Home;
    internal int HomeRoom;

    /// <summary>Where the command may be, in order: one entry where it holds a slash, else one for each folder of PATH.</summary>
    internal byte** Candidates;
    internal int CandidateCount;
}

[StructLayout(LayoutKind.Sequential)]
internal struct JoinNamespace
{
    internal int Fd;
    internal int Type;
}
