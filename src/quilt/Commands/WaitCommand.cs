using System.CommandLine;
using System.Globalization;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class WaitCommand : CliCommand
{
    private const string LogPrefix = "log:", PortPrefix = "port:";
    private readonly Argument<string> _container;
    private readonly Option<string?> _until, _since, _timeout;

    internal WaitCommand()
        : base("wait", "Wait until something is true of a container")
    {
        _container = Word("CONTAINER");
        _until = Value("CONDITION", "exited (default), running, healthy, port:PORT[/PROTO] that something in it listens on, or log:REGEX, a line of its output that matches", "--until");
        _since = Value("TIME", "Only lines from then on: RFC 3339, or an age such as 10m (else all that there are)", "--since");
        _timeout = Value("DURATION", "Give up after this time, with exit code 124", "--timeout", "-t");
    }

    internal override string Usage => "[--until exited|running|healthy|port:PORT[/PROTO]|log:REGEX] [--since TIME] [--timeout DURATION] CONTAINER";

    internal override string Details => "Prints the command's exit code when it waits for its end, or the matching line when it waits for one. A port is only looked for: nobody is connected to.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt wait job", "Print its exit code when it has ended"),
        new("quilt wait --until 'log:listening on' --timeout 30s web", "Until a server says that it is ready"),
        new("quilt wait --until port:5432 db", "Until something in it listens there"),
        new("quilt wait --until healthy db", "Until its health check has succeeded; an error where it is unhealthy"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    internal override async Task<int> RunAsync(Invocation call)
    {
        string until = call.Get(_until) ?? "exited";
        if (until.Length == 0)
        {
            throw QuiltException.Invalid("--until", "--until is empty", "use exited, running, healthy, port:PORT or log:REGEX, or leave it out for exited");
        }

        WaitContainerRequest request = new()
        {
            Container = call.Get(_container),
            Until = until,
            Timeout = SpecOptions.ReadDuration(call.Get(_timeout), "--timeout"),
            Since = PointInTime.Parse(call.Get(_since), "--since", DateTimeOffset.UtcNow),
        };
        if (until.StartsWith(LogPrefix, StringComparison.Ordinal))
        {
            (request.Until, request.Pattern) = ("log", until[LogPrefix.Length..]);
        }
        else if (until.StartsWith(PortPrefix, StringComparison.Ordinal))
        {
            ContainerPort port = ContainerPort.Parse(until[PortPrefix.Length..], PortProtocol.OfHost);
            (request.Until, request.Port, request.Protocol) = ("port", port.Port, port.Protocol);
        }

        WaitContainerResponse answer = await call.Daemon.WaitContainerAsync(request);
        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, ViewOf.Wait(answer), j => j.WaitView);
        }
        else if (answer.Line is not null)
        {
            call.Out.WriteLine(ViewOf.Text(answer.Line.Data.Span).TrimEnd('\n'));
        }
        else if (until == "exited")
        {
            call.Out.WriteLine(answer.Container.HasExitCode ? answer.Container.ExitCode.ToString(CultureInfo.InvariantCulture) : "unknown");
        }

        return 0;
    }
}
