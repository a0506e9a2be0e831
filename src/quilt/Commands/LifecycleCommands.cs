using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

internal sealed class StartCommand() : ContainersCommand<StartedView>("start", "Run the command of containers that do not run")
{
    internal override string Usage => "CONTAINER…";

    internal override string Details => "Ends when the command has been executed: 'quilt exec' works from then on.";

    internal override IReadOnlyList<Example> Examples => [new("quilt start job", "Start what 'quilt create --name job' prepared")];

    protected override async Task<StartedView> ActAsync(Invocation call, string container) =>
        ViewOf.Started(await call.Daemon.StartContainerAsync(new StartContainerRequest { Container = container, TerminalSize = WindowSize.ToSend() }));

    protected override JsonTypeInfo<StartedView[]> ViewsType(CliJson json) => json.StartedViewArray;
}

internal sealed class StopCommand : ContainersCommand<StoppedView>
{
    private readonly Option<string?> _signal, _timeout;

    internal StopCommand()
        : base("stop", "Ask containers to end, and kill those that do not")
    {
        _signal = Value("SIGNAL", "What asks it to end (else the container's stop signal)", "--signal", "-s");
        _timeout = Value("DURATION", "How long it may take (else the container's, 10s by default); 0 kills at once", "--timeout", "-t");
    }

    internal override string Usage => "[-s SIGNAL] [-t DURATION] CONTAINER…";

    internal override IReadOnlyList<Example> Examples => [new("quilt stop -t 2s web", "Give it two seconds to end by itself")];

    protected override async Task<StoppedView> ActAsync(Invocation call, string container)
    {
        StopContainerRequest request = new()
        {
            Container = container,
            Signal = call.Get(_signal) is { } signal ? SignalName.Check(signal, "--signal") : "",
            Timeout = SpecOptions.ReadDuration(call.Get(_timeout), "--timeout"),
        };
        return ViewOf.Stopped(await call.Daemon.StopContainerAsync(request));
    }

    protected override JsonTypeInfo<StoppedView[]> ViewsType(CliJson json) => json.StoppedViewArray;
}

internal sealed class RestartCommand : ContainersCommand<StartedView>
{
    private readonly Option<string?> _timeout;

    internal RestartCommand()
        : base("restart", "Stop containers and start them again") =>
        _timeout = Value("DURATION", "How long it may take to end (else the container's, 10s by default)", "--timeout", "-t");

    internal override string Usage => "[-t DURATION] CONTAINER…";

    internal override IReadOnlyList<Example> Examples => [new("quilt restart web", "The same container, its files kept, its command begun anew")];

    protected override async Task<StartedView> ActAsync(Invocation call, string container)
    {
        RestartContainerRequest request = new() { Container = container, Timeout = SpecOptions.ReadDuration(call.Get(_timeout), "--timeout") };
        return ViewOf.Started(await call.Daemon.RestartContainerAsync(request));
    }

    protected override JsonTypeInfo<StartedView[]> ViewsType(CliJson json) => json.StartedViewArray;
}

internal sealed class KillCommand : ContainersCommand<SignalledView>
{
    private readonly Option<string?> _signal, _exec;

    internal KillCommand()
        : base("kill", "Send a signal to the command of containers")
    {
        _signal = Value("SIGNAL", "Name or number (default KILL)", "--signal", "-s");
        _exec = Value("EXEC", "To a command of 'quilt exec -d' in it instead; KILL also ends what that has started", "--exec");
    }

    internal override string Usage => "[-s SIGNAL] [--exec EXEC] CONTAINER…";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt kill -s HUP web", "Have a server read its configuration again"),
        new("quilt kill -s TERM --exec 0123456789abcdef job", "Ask a command in the background to end; 'quilt execs job' lists them"),
    ];

    protected override async Task<SignalledView> ActAsync(Invocation call, string container)
    {
        string signal = SignalName.Check(call.Get(_signal) ?? "KILL", "--signal");
        if (call.Get(_exec) is { } exec)
        {
            await call.Daemon.KillExecAsync(new KillExecRequest { Container = container, ExecId = exec, Signal = signal });
        }
        else
        {
            await call.Daemon.KillContainerAsync(new KillContainerRequest { Container = container, Signal = signal });
        }

        return new SignalledView(container, signal);
    }

    protected override JsonTypeInfo<SignalledView[]> ViewsType(CliJson json) => json.SignalledViewArray;
}

internal sealed class PauseCommand() : ContainersCommand<ContainerView>("pause", "Hold all processes of containers")
{
    internal override string Usage => "CONTAINER…";

    internal override IReadOnlyList<Example> Examples => [new("quilt pause job", "It keeps its memory and uses no processor until 'quilt unpause job'")];

    protected override async Task<ContainerView> ActAsync(Invocation call, string container) =>
        ViewOf.Container(await call.Daemon.PauseContainerAsync(new ContainerRequest { Container = container }));

    protected override JsonTypeInfo<ContainerView[]> ViewsType(CliJson json) => json.ContainerViewArray;
}

internal sealed class UnpauseCommand() : ContainersCommand<ContainerView>("unpause", "Let paused containers go on")
{
    internal override string Usage => "CONTAINER…";

    internal override IReadOnlyList<Example> Examples => [new("quilt unpause job", "Go on where it was held")];

    protected override async Task<ContainerView> ActAsync(Invocation call, string container) =>
        ViewOf.Container(await call.Daemon.UnpauseContainerAsync(new ContainerRequest { Container = container }));

    protected override JsonTypeInfo<ContainerView[]> ViewsType(CliJson json) => json.ContainerViewArray;
}

internal sealed class RemoveCommand : ContainersCommand<RemovedView>
{
    private readonly Option<bool> _force, _volumes;

    internal RemoveCommand()
        : base("rm", "Remove containers and all that belongs to them")
    {
        _force = Flag("Kill it first where it runs", "--force", "-f");
        _volumes = Flag("Its anonymous volumes too, as docker has it; here they always go with it", "--volumes", "-v");
    }

    internal override string Usage => "[-f] [-v] CONTAINER…";

    internal override string Details => "What its image declares as a volume is the container's own, and goes with it; volumes with names stay.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt rm -f web", "Kill it and remove it"),
        new("quilt rm $(quilt ps -aq)", "Remove all that do not run"),
    ];

    protected override async Task<RemovedView> ActAsync(Invocation call, string container)
    {
        RemoveContainerRequest request = new() { Container = container, Force = call.Get(_force) };
        if (call.Get(_volumes))
        {
            request.Volumes = true;
        }

        return new RemovedView((await call.Daemon.RemoveContainerAsync(request)).Id);
    }

    protected override JsonTypeInfo<RemovedView[]> ViewsType(CliJson json) => json.RemovedViewArray;
}

internal static class SignalName
{
    /// <exception cref="QuiltException">Invalid argument: there is no such signal.</exception>
    internal static string Check(string text, string field) => Signals.TryParse(text, out _)
        ? text
        : throw QuiltException.Invalid(field, $"{field} '{text}' is not a signal", "give a name or a number, such as TERM or 15");
}
