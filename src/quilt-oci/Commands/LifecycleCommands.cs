namespace Quilt.OciRuntime;

/// <summary>create, start, run, state, kill, delete, pause, resume.</summary>
internal static class LifecycleCommands
{
    internal const string Id = "CONTAINER-ID";

    internal static Command Create => new("create", [Id], "Prepare a container from a bundle, up to its command", CreateFlags.All, (runtime, arguments) =>
    {
        runtime.Create(arguments.Positional(0), CreateFlags.Read(arguments));
        return 0;
    });

    internal static Command Start => new("start", [Id], "Execute the command of a created container", [], (runtime, arguments) =>
    {
        runtime.Start(arguments.Positional(0));
        return 0;
    });

    internal static Command Run => new("run", [Id], "Create and start a container, and wait for its end",
        [.. CreateFlags.All, new("detach", null, "Do not wait for its end", "d"), new("keep", null, "Keep its state when it has ended")],
        (runtime, arguments) => runtime.Run(arguments.Positional(0), CreateFlags.Read(arguments), arguments.Flag("detach"), arguments.Flag("keep")));

    internal static Command State => new("state", [Id], "Print the container's state", [], (runtime, arguments) =>
    {
        OciContainer container = runtime.Open(arguments.Positional(0));
        Output.Line(container.StateText(container.Status));
        return 0;
    });

    internal static Command Kill => new("kill", [Id, "[SIGNAL]"], "Send a signal, TERM by default, to the container's process",
        [new("all", null, "Every process of the container", "a")], (runtime, arguments) =>
    {
        runtime.Kill(arguments.Positional(0), arguments.Optional(1) ?? "TERM", arguments.Flag("all"));
        return 0;
    });

    internal static Command Delete => new("delete", [Id], "Remove what a stopped container has left",
        [new("force", null, "Kill it first; a missing one is no error", "f")], (runtime, arguments) =>
    {
        runtime.Delete(arguments.Positional(0), arguments.Flag("force"));
        return 0;
    });

    internal static Command Pause => new("pause", [Id], "Stop all of the container's processes for now", [], (runtime, arguments) =>
    {
        runtime.SetFrozen(arguments.Positional(0), true);
        return 0;
    });

    internal static Command Resume => new("resume", [Id], "Let a paused container go on", [], (runtime, arguments) =>
    {
        runtime.SetFrozen(arguments.Positional(0), false);
        return 0;
    });
}
