using System.CommandLine;

namespace Quilt.OciRuntime;

internal static class ExecCommand
{
    internal static void AddTo(RootOptions root)
    {
        Argument<string> id = new("container-id") { Description = "The container's id" };
        Argument<string[]> command = new("command") { Description = "The command and its arguments", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> process = new("--process", "-p") { Description = "File with an OCI process object" };
        Option<string[]> env = new("--env", "-e") { Description = "NAME=VALUE", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
        Option<string?> cwd = new("--cwd") { Description = "Working directory" };
        Option<string?> user = new("--user", "-u") { Description = "UID[:GID]" };
        Option<string[]> capabilities = new("--cap", "-c") { Description = "A further capability" };
        Option<bool> noNewPrivileges = new("--no-new-privs") { Description = "Set no_new_privs" };
        Option<bool> terminal = new("--tty", "-t") { Description = "With a terminal" };
        Option<string?> pidFile = new("--pid-file") { Description = "File for the pid" };
        Option<string?> consoleSocket = new("--console-socket") { Description = "AF_UNIX socket that receives the terminal's master" };
        Option<bool> detach = new("--detach", "-d") { Description = "Do not wait for its end" };
        Option<int> preserveFds = new("--preserve-fds") { Description = "How many descriptors from 3 on are inherited" };
        root.Add("exec", "Run a command in a running container", (runtime, parsed) => runtime.Exec(parsed.GetValue(id)!, new ExecOptions(
            parsed.GetValue(process), parsed.GetValue(command) ?? [], parsed.GetValue(env) ?? [], parsed.GetValue(cwd), parsed.GetValue(user), parsed.GetValue(capabilities) ?? [],
            parsed.GetValue(noNewPrivileges), parsed.GetValue(terminal), parsed.GetValue(pidFile), parsed.GetValue(consoleSocket), parsed.GetValue(detach), parsed.GetValue(preserveFds))),
            id, command, process, env, cwd, user, capabilities, noNewPrivileges, terminal, pidFile, consoleSocket, detach, preserveFds);
    }
}
