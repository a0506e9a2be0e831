namespace Quilt.Cli;

/// <summary>All commands by name. One is made when it is asked for.</summary>
internal static class CommandTable
{
    /// <summary>Of containers and their daemon, in the order that help lists them in.</summary>
    internal static IReadOnlyList<string> ContainerNames { get; } =
    [
        "run", "create", "start", "stop", "restart", "kill", "pause", "unpause", "rm", "exec", "attach",
        "ps", "inspect", "logs", "stats", "wait", "events", "connect", "sever", "topology",
        "network create", "network ls", "network inspect", "network rm", "network connect", "network disconnect",
        "port bind", "port unbind", "port expose", "port unexpose", "port ls",
        "images", "pull", "push", "build", "commit", "tag", "rmi", "history", "save", "load", "import", "image inspect", "image verify", "image prune", "login", "logout",
        "system df", "info", "doctor", "version", "completion",
    ];

    /// <summary>Of agents and what they do with containers.</summary>
    internal static IReadOnlyList<string> AgentNames { get; } =
    [
        "tool ls", "tool describe", "tool call",
        "agent create", "agent ls", "agent inspect", "agent rm", "agent run", "agent token create", "agent token ls", "agent token revoke",
        "session begin", "session ls", "session end", "task begin", "task ls", "task end", "audit", "mcp", "mcp install",
    ];

    internal static IReadOnlyList<string> Names { get; } = [.. ContainerNames, .. AgentNames];

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
        "connect" => new ConnectCommand(),
        "sever" => new SeverCommand(),
        "port bind" => new PortBindCommand(),
        "port unbind" => new PortUnbindCommand(),
        "port ls" => new PortListCommand(),
        "port expose" => new PortExposeCommand(),
        "port unexpose" => new PortUnexposeCommand(),
        "network create" => new NetworkCreateCommand(),
        "network ls" => new NetworkListCommand(),
        "network inspect" => new NetworkInspectCommand(),
        "network rm" => new NetworkRemoveCommand(),
        "network connect" => new NetworkConnectCommand(),
        "network disconnect" => new NetworkDisconnectCommand(),
        "topology" => new TopologyCommand(),
        "images" => new ImagesCommand(),
        "pull" => new PullCommand(),
        "push" => new PushCommand(),
        "build" => new BuildCommand(),
        "commit" => new CommitCommand(),
        "tag" => new TagCommand(),
        "rmi" => new RemoveImageCommand(),
        "history" => new HistoryCommand(),
        "save" => new SaveCommand(),
        "load" => new LoadCommand(),
        "import" => new ImportCommand(),
        "image inspect" => new ImageInspectCommand(),
        "image verify" => new ImageVerifyCommand(),
        "image prune" => new ImagePruneCommand(),
        "login" => new LoginCommand(),
        "logout" => new LogoutCommand(),
        "system df" => new DiskUsageCommand(),
        "info" => new InfoCommand(),
        "doctor" => new DoctorCommand(),
        "version" => new VersionCommand(),
        "completion" => new CompletionCommand(),
        "tool ls" => new ToolListCommand(),
        "tool describe" => new ToolDescribeCommand(),
        "tool call" => new ToolCallCommand(),
        "agent create" => new AgentCreateCommand(),
        "agent ls" => new AgentListCommand(),
        "agent inspect" => new AgentInspectCommand(),
        "agent rm" => new AgentRemoveCommand(),
        "agent run" => new AgentRunCommand(),
        "agent token create" => new TokenCreateCommand(),
        "agent token ls" => new TokenListCommand(),
        "agent token revoke" => new TokenRevokeCommand(),
        "session begin" => new SessionBeginCommand(),
        "session ls" => new SessionListCommand(),
        "session end" => new SessionEndCommand(),
        "task begin" => new TaskBeginCommand(),
        "task ls" => new TaskListCommand(),
        "task end" => new TaskEndCommand(),
        "audit" => new AuditCommand(),
        "mcp" => new McpCommand(),
        "mcp install" => new McpInstallCommand(),
        "help" => new HelpCommand(),
        CompleteCommand.HiddenName => new CompleteCommand(),
        _ => null,
    };
}
