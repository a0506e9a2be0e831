using System.CommandLine;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

internal sealed class AttachCommand : CliCommand
{
    private readonly Argument<string> _container;
    private readonly Option<bool> _noStdin;
    private readonly Option<string?> _exec;
    private readonly DetachOption _detach;

    internal AttachCommand()
        : base("attach", "Join the standard streams of a container's command")
    {
        _container = Word("CONTAINER");
        _noStdin = Flag("Do not pass our stdin on", "--no-stdin");
        _exec = Value("EXEC", "Follow a command of 'quilt exec -d' instead: shows what is kept of what it wrote, and goes on", "--exec");
        _detach = new DetachOption(this);
    }

    internal override string Usage => "[--no-stdin] [--detach-keys KEYS] [--exec EXEC] CONTAINER";

    internal override string Details =>
        """
        Shows what the command writes from now on, until it ends; 'quilt logs' has what it wrote before. Our stdin goes to it where
        the container was made with --interactive. Signals go to the command. Its exit code is ours.
        At a terminal, Ctrl-P and then Ctrl-Q (--detach-keys) let go of it, when it has read what was typed before: it goes on, and
        our exit code is 0.
        With --exec its output alone is followed, and Ctrl-C lets go of it; 'quilt kill --exec' signals it.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt attach job", "Follow a container that runs in the background"),
        new("quilt attach --exec 0123456789abcdef job", "Follow a command in it, from its beginning; 'quilt execs job' lists them"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    internal override bool EndsAsItsCommand => true;

    internal override async Task<int> RunAsync(Invocation call)
    {
        if (call.Get(_exec) is { } exec)
        {
            _ = _detach.Read(call, terminal: false); // its output alone is followed: Ctrl-C lets go of it
            return await BackgroundExec.FollowAsync(call, call.Get(_container)!, exec);
        }

        Container container = await call.Daemon.GetContainerAsync(new ContainerRequest { Container = call.Get(_container) });
        if (container.State is not (ContainerState.Running or ContainerState.Paused))
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"container {container.Name} is {ViewOf.State(container.State)}", $"start it: 'quilt start {container.Name}'", "container");
        }

        bool stdin = container.StdinOpen && !call.Get(_noStdin);
        DetachKeys? keys = _detach.Read(call, stdin && container.Tty && TerminalMode.IsTerminal(StandardStreams.Stdin));
        SessionOutput output = SessionOutput.For(call);
        using CommandSession session = new(call.Daemon.AttachContainer(), output);
        await session.OpenAsync(new StreamInput { Attach = container.Id });
        using ForwardedSignals signals = new();
        signals.PassTo(signal => RunCommand.SignalAsync(call, container.Id, signal));
        session.Connect(stdin, container.Tty, keys);
        if (await session.CopyOutputAsync() is not { } ended)
        {
            return DetachOption.Tell(call, container.Name, $"'quilt attach {container.Name}' joins it again");
        }

        output.Ended(ended, container.Id);
        return ended.ExitCode;
    }
}
