using System.CommandLine;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class AttachCommand : CliCommand
{
    private readonly Argument<string> _container;
    private readonly Option<bool> _noStdin;
    private readonly Option<string?> _exec;

    internal AttachCommand()
        : base("attach", "Join the standard streams of a container's command")
    {
        _container = Word("CONTAINER");
        _noStdin = Flag("Do not pass our stdin on", "--no-stdin");
        _exec = Value("EXEC", "Join a command of 'quilt exec -d' instead: shows all that it wrote, and goes on", "--exec");
    }

    internal override string Usage => "[--no-stdin] [--exec EXEC] CONTAINER";

    internal override string Details =>
        """
        Shows what the command writes from now on, until it ends; 'quilt logs' has what it wrote before. Our stdin goes to it where
        the container was made with --interactive. Signals go to the command. Its exit code is ours.
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
            return await BackgroundExec.FollowAsync(call, call.Get(_container)!, exec);
        }

        Container container = await call.Daemon.GetContainerAsync(new ContainerRequest { Container = call.Get(_container) });
        if (container.State is not (ContainerState.Running or ContainerState.Paused))
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"container {container.Name} is {ViewOf.State(container.State)}", $"start it: 'quilt start {container.Name}'", "container");
        }

        SessionOutput output = SessionOutput.For(call);
        using CommandSession session = new(call.Daemon.AttachContainer(), output);
        await session.OpenAsync(new StreamInput { Attach = container.Id });
        using ForwardedSignals signals = new();
        signals.PassTo(signal => RunCommand.SignalAsync(call, container.Id, signal));
        session.Connect(container.StdinOpen && !call.Get(_noStdin), container.Tty);
        ExecResult ended = await session.CopyOutputAsync();
        output.Ended(ended, container.Id);
        return ended.ExitCode;
    }
}
