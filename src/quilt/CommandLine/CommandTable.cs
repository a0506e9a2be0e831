namespace Quilt.Cli;

/// <summary>All commands by name. One is made when it is asked for.</summary>
internal static class CommandTable
{
    /// <summary>In the order that help lists them in.</summary>
    internal static IReadOnlyList<string> Names { get; } =
    [
        "run", "create", "start", "stop", "restart", "kill", "pause", "unpause", "rm", "exec", "attach",
        "ps", "inspect", "logs", "stats", "wait", "events", "images", "info", "doctor", "version", "completion",
    ];

    internal static CliCommand? Find(string name) => name switch
    {
        "run" => new RunCommand(),
        "create" => new CreateCommand(),
        "start" => new StartCommand(),
        "stop" => new StopCommand(),
        "restart" => new RestartCommand(),
        "kill" => new KillCommand(),
        "pause" => new PauseCommand(),
        "unpause" => new UnpauseCommand(),
        "rm" => new RemoveCommand(),
        "exec" => new ExecCommand(),
        "attach" => new AttachCommand(),
        "ps" => new PsCommand(),
        "inspect" => new InspectCommand(),
        "logs" => new LogsCommand(),
        "stats" => new StatsCommand(),
        "wait" => new WaitCommand(),
        "events" => new EventsCommand(),
        "images" => new ImagesCommand(),
        "info" => new InfoCommand(),
        "doctor" => new DoctorCommand(),
        "version" => new VersionCommand(),
        "completion" => new CompletionCommand(),
        "help" => new HelpCommand(),
        CompleteCommand.HiddenName => new CompleteCommand(),
        _ => null,
    };
}
