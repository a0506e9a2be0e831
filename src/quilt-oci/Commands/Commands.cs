namespace Quilt.OciRuntime;

/// <summary>All commands. One is made only when it is asked for: a launch is over before a whole tree of them would be built.</summary>
internal static class Commands
{
    private static readonly string[] Names =
        ["create", "start", "run", "exec", "state", "kill", "delete", "list", "ps", "pause", "resume", "update", "features", "spec"];

    internal static IEnumerable<Command> All => Names.Select(name => Find(name)!);

    internal static Command? Find(string name) => name switch
    {
        "create" => LifecycleCommands.Create,
        "start" => LifecycleCommands.Start,
        "run" => LifecycleCommands.Run,
        "exec" => ExecCommand.Exec,
        "state" => LifecycleCommands.State,
        "kill" => LifecycleCommands.Kill,
        "delete" => LifecycleCommands.Delete,
        "list" => ListCommands.List,
        "ps" => ListCommands.Ps,
        "pause" => LifecycleCommands.Pause,
        "resume" => LifecycleCommands.Resume,
        "update" => UpdateCommand.Update,
        "features" => InfoCommands.Features,
        "spec" => InfoCommands.Spec,
        _ => null,
    };
}
