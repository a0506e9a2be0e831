namespace Quilt.Core;

/// <summary>The stable error codes of Quilt's public interfaces. Each face (gRPC, HTTP, MCP, CLI) maps them once.</summary>
public enum ErrorCode
{
    /// <summary>A bug in Quilt, or a failure of the host that nothing else names.</summary>
    Internal = 0,
    InvalidArgument,
    NotFound,
    AlreadyExists,
    FailedPrecondition,
    PermissionDenied,
    ResourceExhausted,
    Unavailable,
    DeadlineExceeded,
    Aborted,
    Unimplemented,

    /// <summary>The command is not in the container (a shell's 127).</summary>
    CommandNotFound,

    /// <summary>The command is there and cannot be run (a shell's 126).</summary>
    CommandNotExecutable,

    /// <summary>No token, or one that is unknown, expired or revoked.</summary>
    Unauthenticated,
}

public static class ErrorCodes
{
    /// <summary>The code's name on the wire, such as <c>invalid_argument</c>.</summary>
    public static string WireName(this ErrorCode code) => code switch
    {
        ErrorCode.InvalidArgument => "invalid_argument",
        ErrorCode.NotFound => "not_found",
        ErrorCode.AlreadyExists => "already_exists",
        ErrorCode.FailedPrecondition => "failed_precondition",
        ErrorCode.PermissionDenied => "permission_denied",
        ErrorCode.ResourceExhausted => "resource_exhausted",
        ErrorCode.Unavailable => "unavailable",
        ErrorCode.DeadlineExceeded => "deadline_exceeded",
        ErrorCode.Aborted => "aborted",
        ErrorCode.Unimplemented => "unimplemented",
        ErrorCode.CommandNotFound => "command_not_found",
        ErrorCode.CommandNotExecutable => "command_not_executable",
        ErrorCode.Unauthenticated => "unauthenticated",
        _ => "internal",
    };

    /// <summary>The inverse of <see cref="WireName"/>; an unknown name is <see cref="ErrorCode.Internal"/>.</summary>
    public static ErrorCode FromWireName(string name) =>
        Array.Find(Enum.GetValues<ErrorCode>(), code => code.WireName() == name);
}
