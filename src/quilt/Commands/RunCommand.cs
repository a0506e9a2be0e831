using System.CommandLine;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class RunCommand : CliCommand
{
    private readonly Argument<string?> _image;
    private readonly Option<bool> _detach;
    private readonly SpecOptions _spec;
    private readonly DetachOption _detachKeys;

    internal RunCommand()
        : base("run", "Create a container, start it and wait for its command to end")
    {
        _image = OptionalWord("IMAGE");
        _detach = Flag("Do not wait: print the id and leave it running", "--detach", "-d");
        _spec = new SpecOptions(this);
        _detachKeys = new DetachOption(this);
    }

    internal override string Usage => "[-d] [-i] [-t] [--rm] [--name N] [OPTIONS] [IMAGE] [-- COMMAND…]";

    internal override string Details =>
        """
        Without an image, the embedded one (quilt/busybox) is used. The first word that is no option is the image; all after it,
        or after '--', is the command, its own options too. Without a command, the image's runs.
        In the foreground, signals go to the command, and the exit code is the command's: 128 + N where signal N ended it,
        127 where it was not found, 126 where it cannot be executed, 125 where Quilt itself failed. A container that could not
        be started is not left behind. At a terminal, Ctrl-P and then Ctrl-Q (--detach-keys) let go of it: it goes on in the
        background, and our exit code is 0.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt run --rm -- echo hi", "Print hi from a throw-away container of the embedded image"),
        new("quilt run --rm -it -- sh", "A shell in a new container"),
        new("quilt run -d --name web --memory 256MiB -e PORT=8080 quilt/busybox httpd -f -p 8080", "A server in the background"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Image;

    internal override bool TakesCommand => true;

    internal override string? Instead(string option) => SpecOptions.Instead(option);

    internal override bool EndsAsItsCommand => true;

    internal override async Task<int> RunAsync(Invocation call)
    {
        bool tty = _spec.Tty(call), stdin = _spec.Interactive(call);
        CreateContainerRequest request = Request(call);
        DetachKeys? keys = _detachKeys.Read(call, tty && stdin && !request.AutoStart);
        if (request.AutoStart)
        {
            CreateCommand.Print(call, await call.Daemon.CreateContainerAsync(request), _spec.Quiet(call));
            return 0;
        }

        TerminalCheck.ThrowIfUnfit(call, stdin, tty);
        using ForwardedSignals signals = new();
        try
        {
            return await FollowAsync(call, request, keys, signals);
        }
        catch (OperationCanceledException) when (signals.EarlySignal != 0)
        {
            return 128 + signals.EarlySignal;
        }
    }

    private static async Task<int> FollowAsync(Invocation call, CreateContainerRequest request, DetachKeys? keys, ForwardedSignals signals)
    {
        CreateContainerResponse created = await call.Daemon.CreateContainerAsync(request, signals.Early);
        CreateCommand.Warn(call, created);
        string id = created.Container.Id;
        SessionOutput output = SessionOutput.For(call);
        using CommandSession session = new(call.Daemon.AttachContainer(), output);
        try
        {
            await session.OpenAsync(new StreamInput { Attach = id }).WaitAsync(signals.Early);
            await call.Daemon.StartContainerAsync(new StartContainerRequest { Container = id, TerminalSize = request.TerminalSize }, signals.Early);
            signals.PassTo(signal => SignalAsync(call, id, signal));
        }
        catch (Exception)
        {
            await RemoveAsync(call, id);
            throw;
        }

        session.Connect(request.Spec.StdinOpen, request.Spec.Tty, keys);
        ExecResult? exit;
        try
        {
            exit = await session.CopyOutputAsync();
        }
        catch (BrokenPipeException)
        {
            // As in a pipeline: the command learns that nobody reads it any more.
            await SignalAsync(call, id, "PIPE");
            throw;
        }

        if (exit is null)
        {
            string name = created.Container.Name;
            return DetachOption.Tell(call, name, $"'quilt attach {name}' joins it again");
        }

        output.Ended(exit, id);
        return exit.ExitCode;
    }

    /// <summary>By a call of its own, not in the stream: there it would wait behind input that the command does not read.</summary>
    internal static async Task SignalAsync(Invocation call, string container, string signal)
    {
        try
        {
            await call.Daemon.KillContainerAsync(new KillContainerRequest { Container = container, Signal = signal });
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or ObjectDisposedException)
        {
            // It has ended, and its exit is on its way.
        }
    }

    internal CreateContainerRequest Request(Invocation call) => new()
    {
        Spec = _spec.Read(call, call.Get(_image)),
        AutoStart = call.Get(_detach),
        TerminalSize = _spec.Tty(call) ? WindowSize.ToSend() : null,
    };

    /// <summary>Of a container that was not started; a failure here must not hide the one before.</summary>
    private static async Task RemoveAsync(Invocation call, string id)
    {
        try
        {
            await call.Daemon.RemoveContainerAsync(new RemoveContainerRequest { Container = id, Force = true });
        }
        catch (RpcException e) when (Failure.From(e).Code == ErrorCode.NotFound)
        {
            // It removed itself.
        }
        catch (RpcException e)
        {
            call.Streams.Error.WriteLine($"quilt: the container {id[..12]} is left: {Text.Escaped(Failure.From(e).Message)}");
        }
    }
}
