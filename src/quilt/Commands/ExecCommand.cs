using System.CommandLine;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class ExecCommand : CliCommand
{
    private readonly Argument<string> _container;
    private readonly Option<bool> _interactive, _tty, _detach;
    private readonly Option<string[]> _env;
    private readonly Option<string?> _workdir, _user, _timeout;
    private readonly DetachOption _detachKeys;

    internal ExecCommand()
        : base("exec", "Run a command in a running container")
    {
        _container = Word("CONTAINER");
        _interactive = Flag("Pass our stdin on", "--interactive", "-i");
        _tty = Flag("Give the command a terminal", "--tty", "-t");
        _detach = Flag("Do not wait: print the exec's id", "--detach", "-d");
        _env = Values("NAME=VALUE", "Environment; NAME alone takes the value it has here", "--env", "-e");
        _workdir = Value("DIR", "Working directory (else the container's)", "--workdir", "-w");
        _user = Value("USER[:GROUP]", "Names or ids in the container (else the container's)", "--user", "-u");
        _timeout = Value("DURATION", "Kill it after this time, such as 30s", "--timeout");
        _detachKeys = new DetachOption(this);
    }

    internal override string Usage => "[-i] [-t] [-d] [-e K=V] [-w DIR] [-u USER] [--timeout DURATION] [--detach-keys KEYS] CONTAINER [--] COMMAND…";

    internal override string Details =>
        """
        The exit code is the command's: 128 + N where signal N ended it, 127 where it was not found, 126 where it cannot be
        executed, 125 where Quilt itself failed, 124 where its time ran out. At a terminal, Ctrl-P and then Ctrl-Q (--detach-keys)
        let go of it: it goes on, and the exit code is 0; nobody can join it again, and what it writes is not kept.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt exec web ps", "See the container's processes"),
        new("quilt exec -i web sh -c 'cat > /tmp/data' < data", "Copy a file in"),
        new("quilt exec -it web sh", "A shell inside"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    internal override bool TakesCommand => true;

    internal override bool EndsAsItsCommand => true;

    internal override async Task<int> RunAsync(Invocation call)
    {
        if (call.ContainerCommand.Length == 0)
        {
            throw QuiltException.Invalid("COMMAND", "exec needs a command", $"usage: quilt exec {Usage}");
        }

        bool tty = call.Get(_tty), stdin = call.Get(_interactive), detach = call.Get(_detach);
        DetachKeys? keys = _detachKeys.Read(call, tty && stdin && !detach);
        ExecRequest request = new()
        {
            Container = call.Get(_container),
            WorkingDir = call.Get(_workdir) ?? "",
            User = call.Get(_user) ?? "",
            Tty = tty,
            StdinOpen = stdin,
            Timeout = SpecOptions.ReadDuration(call.Get(_timeout), "--timeout"),
            TerminalSize = tty ? WindowSize.ToSend() : null,
            Background = detach,
        };
        request.Command.AddRange(call.ContainerCommand);
        KeyValues.AddEnvironment(request.Env, [], call.Get(_env) ?? []);
        return detach ? await StartAsync(call, request) : await FollowAsync(call, request, keys);
    }

    private static async Task<int> StartAsync(Invocation call, ExecRequest request)
    {
        ExecResponse started = await call.Daemon.ExecAsync(request);
        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, new ExecStartedView(started.ExecId), j => j.ExecStartedView);
        }
        else
        {
            call.Out.WriteLine(started.ExecId);
        }

        return 0;
    }

    private static async Task<int> FollowAsync(Invocation call, ExecRequest request, DetachKeys? keys)
    {
        const int timedOut = 124;
        bool tty = request.Tty, stdin = request.StdinOpen;
        TerminalCheck.ThrowIfUnfit(call, stdin, tty);
        SessionOutput output = SessionOutput.For(call);

        // A terminal's bytes, and those that go into a document, come in the call.
        using DescriptorChannel? channel = tty || call.Json ? null : DescriptorChannel.TryOpen(call.Address);
        using CommandSession session = new(call.Daemon.ExecStream(channel), output);
        StreamStarted started = await session.OpenAsync(new StreamInput { Exec = request });
        using ForwardedSignals signals = new();
        signals.PassTo(signal => SignalAsync(call, request.Container, started.ExecId, signal));
        session.Connect(stdin, tty, keys);
        if (started.OutputByDescriptor)
        {
            session.TakeOutput(channel!); // last: who has seen what the command says may signal us
        }

        if (await session.CopyOutputAsync() is not { } exit)
        {
            return DetachOption.Tell(call, "the command", $"'quilt exec {request.Container} ps' shows what runs there");
        }

        output.Ended(exit, null);
        return exit.TimedOut ? timedOut : exit.ExitCode;
    }

    /// <summary>To a command in a container; one that has ended does not mind.</summary>
    internal static async Task SignalAsync(Invocation call, string container, string exec, string signal)
    {
        try
        {
            await call.Daemon.KillExecAsync(new KillExecRequest { Container = container, ExecId = exec, Signal = signal });
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or ObjectDisposedException)
        {
            // It has ended, and its exit is on its way.
        }
    }
}
