using System.CommandLine;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class AttachCommand : CliCommand
{
    private readonly Argument<string> _container;
    private readonly Option<bool> _noStdin;

    internal AttachCommand()
        : base("attach", "Join the standard streams of a container's command")
    {
        _container = Word("CONTAINER");
        _noStdin = Flag("Do not pass our stdin on", "--no-stdin");
    }

    internal override string Usage => "[--no-stdin] CONTAINER";

    internal override string Details =>
        """
        Shows what the command writes from now on, until it ends; 'quilt logs' has what it wrote before. Our stdin goes to it where
        the container was made with --interactive. Signals go to the command. Its exit code is ours.
        """;

    internal override IReadOnlyList<Example> Examples => [new("quilt attach job", "Follow a container that runs in the background")];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    internal override bool EndsAsItsCommand => true;

    internal override async Task<int> RunAsync(Invocation call)
    {
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
        ExecResult exit = await session.CopyOutputAsync();
        output.Ended(exit, container.Id);
        return exit.ExitCode;
    }
}
