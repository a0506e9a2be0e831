using Quilt.Core;

namespace Quilt.Engine;

/// <summary>What the launcher says of a command that it could not execute, with the command's name.</summary>
internal static class CommandErrors
{
    internal static bool IsOfCommand(this QuiltException failure) => failure.Code is ErrorCode.CommandNotFound or ErrorCode.CommandNotExecutable;

    internal static QuiltException Naming(this QuiltException failure, IReadOnlyList<string> command) => new(
        failure.Code,
        $"the command '{(command.Count > 0 ? command[0] : "")}' {(failure.Code == ErrorCode.CommandNotFound ? "is not in the container" : "cannot be run")}: {failure.Message}",
        failure.Remedy, "command", failure);
}
