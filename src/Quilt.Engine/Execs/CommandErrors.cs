using Quilt.Core;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>What the launcher says of a command that it could not execute, with what was asked for: it is told no more than that it failed.</summary>
internal static class CommandErrors
{
    // Stages, as the shim names them.
    private const string WorkingDirectory = "working_directory", Exec = "exec";

    internal static bool IsOfCommand(this QuiltException failure) => failure.InnerException is ShimException { Error.Stage: Exec or WorkingDirectory };

    internal static QuiltException Naming(this QuiltException failure, IReadOnlyList<string> command, string? workingDir) => failure.InnerException is ShimException { Error.Stage: WorkingDirectory }
        ? new QuiltException(failure.Code, $"the working directory '{workingDir ?? "/"}' is of no use: {failure.Message}", failure.Remedy, "workingDir", failure)
        : new QuiltException(
            failure.Code,
            $"the command '{(command.Count > 0 ? command[0] : "")}' {(failure.Code == ErrorCode.CommandNotFound ? "is not in the container" : "cannot be run")}: {failure.Message}",
            failure.Remedy, "command", failure);
}
