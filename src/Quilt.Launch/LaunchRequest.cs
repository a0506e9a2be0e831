using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch;

/// <summary>What to create.</summary>
public sealed record LaunchRequest
{
    public required OciSpec Spec { get; init; }

    /// <summary>Absolute path of the bundle; relative paths of the configuration are relative to it.</summary>
    public required string Bundle { get; init; }
    public required ProcessStdio Stdio { get; init; }

    /// <summary>What the root filesystem is made of, in place of the configuration's <c>root.path</c>.</summary>
    public RootLayers? Layers { get; init; }

    /// <inheritdoc cref="ExecRequest.Filter"/>
    public string? Filter { get; init; }
    public InitKind Init { get; init; }

    /// <summary>Made, and given the configuration's limits; the caller removes it, after a failure too. Null runs in the caller's.</summary>
    public ICgroup? Cgroup { get; init; }

    /// <summary>
    /// Called with the process's pid while it waits in the caller's groups, where <see cref="Cgroup"/> can be made around a process
    /// alone: moves it there. Null: the process begins there.
    /// </summary>
    public Action<int>? Adopt { get; init; }

    /// <summary>Executes the command too, so that nobody has to call <see cref="LaunchedContainer.Start"/>: it saves both a wait for the other.</summary>
    public bool Start { get; init; }

    /// <summary>A listening socket: the first connection to it is the order to start. Null: <see cref="LaunchedContainer.Start"/> is.</summary>
    public FileDescriptor? StartListener { get; init; }

    /// <summary>The container dies with the calling thread.</summary>
    public bool DieWithParent { get; init; }

    /// <summary>How many descriptors from 3 on the command inherits.</summary>
    public int PreserveFds { get; init; }
    public bool NoPivot { get; init; }

    /// <summary>A session keyring of its own.</summary>
    public bool NewKeyring { get; init; } = true;

    /// <summary>Called with the process's pid and start time while it still assembles its root, and before it executes anything: for what the caller keeps of it.</summary>
    public Action<int, ulong>? Cloned { get; init; }

    /// <summary>Called when the root is assembled but not yet entered, with the pid.</summary>
    public Action<int>? RootAssembled { get; init; }

    /// <summary>Called with the process's pid and the listener of a seccomp filter that notifies.</summary>
    public Action<int, FileDescriptor>? SeccompListener { get; init; }
    public (ushort Columns, ushort Rows)? WindowSize { get; init; }
}

/// <summary>
/// An overlay of an image's layers. Not of the configuration, nor its annotations: engines copy an image's there, and an image
/// shall name no folder of the host's.
/// </summary>
/// <param name="Lowers">Absolute paths of the layers' folders, top first. Each is idmapped for the container.</param>
/// <param name="Upper">Absolute path of the writable layer, owned by the container's root; made where it is missing.</param>
/// <param name="Work">Absolute path of overlayfs's work folder, beside <paramref name="Upper"/>.</param>
public sealed record RootLayers(IReadOnlyList<string> Lowers, string Upper, string Work);

/// <summary>Whether our init is PID 1, which reaps and passes signals on.</summary>
public enum InitKind
{
    None,

    /// <summary>The configuration's process is its child.</summary>
    WithCommand,

    /// <summary>There is no other process: it keeps the container until it is stopped.</summary>
    Alone,
}

/// <summary>The descriptors that become 0, 1 and 2. Not used by a process with a terminal.</summary>
public sealed record ProcessStdio(FileDescriptor Stdin, FileDescriptor Stdout, FileDescriptor Stderr);
