using Quilt.Oci;

namespace Quilt.Shim.Contract;

/// <summary>One request to a shim: exactly one of the properties is set, beside the container.</summary>
public sealed record ShimRequest
{
    /// <summary>Whom it is for: a shim that has another container by now refuses it. Null: whichever it has.</summary>
    public string? ContainerId { get; init; }

    /// <summary>The answer is to tell how long it took.</summary>
    public bool Timed { get; init; }

    public CreateRequest? Create { get; init; }

    /// <summary>Lets the created container's process go on to execve; answered when execve has succeeded or failed.</summary>
    public StartRequest? Start { get; init; }

    public SignalRequest? Signal { get; init; }
    public ShimExecRequest? Exec { get; init; }

    /// <summary>Turns the connection into the stream of the container's own stdio.</summary>
    public AttachRequest? Attach { get; init; }

    public StateRequest? State { get; init; }

    /// <summary>Input, end of input or a window size for a background exec.</summary>
    public ExecInputRequest? ExecInput { get; init; }

    /// <summary>
    /// The connection then carries <see cref="FrameKind.Event"/> frames until either side closes it, and takes further requests
    /// whose answer is all; they are answered in their order.
    /// </summary>
    public WatchRequest? Watch { get; init; }

    /// <summary>Lets go of a container that has ended, and is ready for another.</summary>
    public ResetRequest? Reset { get; init; }

    /// <summary>The connection then carries a <see cref="FrameKind.LogAdvanced"/> frame whenever the log has grown, and at last
    /// the exit, after which nothing more is logged.</summary>
    public FollowLogRequest? FollowLog { get; init; }
}

/// <summary>Prepares a container, up to the moment before execve.</summary>
/// <param name="ContainerId">The id, for the shim's own records.</param>
/// <param name="Bundle">Absolute path of its folder (<see cref="BundleLayout"/>): logs, execs and the exit record go into it.</param>
/// <param name="Spec">Its OCI configuration, whose relative paths are relative to that folder.</param>
/// <param name="StdinOpen">Keep stdin for an attach; otherwise it is /dev/null.</param>
/// <param name="LogMaxBytes">Size at which a log file is closed and the next one begun.</param>
/// <param name="LogMaxFiles">How many log files are kept.</param>
/// <param name="Ephemeral">It is removed when it has ended: its exit need not outlive the host, and nobody waits for the disk.</param>
/// <param name="Start">Goes on to execve, as <see cref="StartRequest"/> does, before it answers.</param>
public sealed record CreateRequest(
    string ContainerId, string Bundle, OciSpec Spec, bool StdinOpen, long LogMaxBytes, int LogMaxFiles, WindowSize? WindowSize, bool Ephemeral = false, bool Start = false);

public sealed record WindowSize(ushort Columns, ushort Rows);

public sealed record StartRequest;

/// <param name="ExecId">The exec to signal; null is the container's own process.</param>
/// <param name="All">Every process in the container.</param>
/// <param name="Ephemeral">The container is being removed: from now on as in <see cref="CreateRequest"/>.</param>
public sealed record SignalRequest(int Signal, string? ExecId, bool All, bool Ephemeral = false);

/// <param name="ExecId">Unique in the container; names its folder under <c>execs/</c>.</param>
/// <param name="Process">The OCI process: args, env, cwd, user, terminal, capabilities...</param>
/// <param name="Background">Output goes to <c>execs/ID/</c> in the log format and the connection ends with the response.
/// Otherwise frames flow on this connection, and its loss kills the exec.</param>
/// <param name="StdinOpen">Input follows (frames, or <see cref="ExecInputRequest"/>); otherwise stdin is /dev/null.</param>
/// <param name="TimeoutMillis">Kill it after this long; 0 is never.</param>
/// <param name="Unhurried">There is only to wait: the response may come with what follows it, output or the end, for nobody needs it
/// before, no frames are sent, and after the end the connection takes the next request.</param>
/// <param name="HandOver">The reading ends of its stdout and stderr come as descriptors (SCM_RIGHTS) with the response, and no frames of them
/// do: who has them reads what there is when the exit has come. Not in the background, and not of a terminal.</param>
public sealed record ShimExecRequest(
    string ExecId, OciProcess Process, bool Background, bool StdinOpen, long TimeoutMillis, WindowSize? WindowSize, bool Unhurried = false, bool HandOver = false);

public sealed record AttachRequest;

public sealed record StateRequest;

public sealed record ExecInputRequest(string ExecId, byte[]? Input, bool CloseStdin, WindowSize? WindowSize);

public sealed record WatchRequest;

public sealed record ResetRequest;

/// <param name="ExecId">A background exec's log; null is the container's own.</param>
public sealed record FollowLogRequest(string? ExecId);
