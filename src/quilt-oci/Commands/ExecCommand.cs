namespace Quilt.OciRuntime;

internal static class ExecCommand
{
    internal static Command Exec => new("exec", [LifecycleCommands.Id, "COMMAND..."], "Run a command in a running container",
    [
        new("process", "FILE", "File with an OCI process object", "p"),
        new("env", "NAME=VALUE", "Set in its environment; may be repeated", "e"),
        new("cwd", "FOLDER", "Working directory"),
        new("user", "UID[:GID]", "Whom it runs as", "u"),
        new("additional-gids", "GID", "A further group; may be repeated", "g"),
        new("cap", "CAPABILITY", "A further capability; may be repeated", "c"),
        new("no-new-privs", null, "Set no_new_privs"),
        new("apparmor", "PROFILE", "AppArmor profile"),
        new("process-label", "LABEL", "SELinux label"),
        new("tty", null, "With a terminal", "t"),
        new("pid-file", "FILE", "File for the pid"),
        new("console-socket", "SOCKET", "AF_UNIX socket that receives the terminal's master"),
        new("detach", null, "Do not wait for its end", "d"),
        new("preserve-fds", "COUNT", "How many descriptors from 3 on are inherited (0)"),
        new("ignore-paused", null, "Also in a paused container; it goes on when that does"),
    ],
    (runtime, arguments) => runtime.Exec(arguments.Positional(0), new ExecOptions
    {
        ProcessFile = arguments.Value("process"),
        Args = arguments.Rest,
        Env = arguments.Values("env"),
        Cwd = arguments.Value("cwd"),
        User = arguments.Value("user"),
        AdditionalGids = arguments.Values("additional-gids"),
        Capabilities = arguments.Values("cap"),
        NoNewPrivileges = arguments.Flag("no-new-privs"),
        ApparmorProfile = arguments.Value("apparmor"),
        SelinuxLabel = arguments.Value("process-label"),
        Terminal = arguments.Flag("tty"),
        PidFile = arguments.Value("pid-file"),
        ConsoleSocket = arguments.Value("console-socket"),
        Detach = arguments.Flag("detach"),
        PreserveFds = arguments.Number<int>("preserve-fds") ?? 0,
        IgnorePaused = arguments.Flag("ignore-paused"),
    }));
}
