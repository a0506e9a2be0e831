using System.CommandLine;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class CreateCommand : CliCommand
{
    private readonly Argument<string?> _image;
    private readonly SpecOptions _spec;

    internal CreateCommand()
        : base("create", "Prepare a container without starting it")
    {
        _image = OptionalWord("IMAGE");
        _spec = new SpecOptions(this);
    }

    internal override string Usage => "[OPTIONS] [IMAGE] [-- COMMAND…]";

    internal override string Details => "Prints the container's id. What can be prepared is, so that 'quilt start' only has to run the command.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt create --name job -- sh -c 'echo working; sleep 5'", "A container that waits for 'quilt start job'"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Image;

    internal override bool TakesCommand => true;

    internal override string? Instead(string option) => SpecOptions.Instead(option);

    internal override bool EndsAsItsCommand => true;

    internal override async Task<int> RunAsync(Invocation call)
    {
        Print(call, await call.Daemon.CreateContainerAsync(Request(call)), _spec.Quiet(call));
        return 0;
    }

    internal CreateContainerRequest Request(Invocation call) =>
        new() { Spec = _spec.Read(call, call.Get(_image)), TerminalSize = _spec.Tty(call) ? WindowSize.ToSend() : null };

    internal static void Print(Invocation call, CreateContainerResponse created, bool quiet)
    {
        Container c = created.Container;
        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, new CreatedView(c.Id, c.Name, ViewOf.State(c.State), c.Image, created.Warnings), j => j.CreatedView);
            return;
        }

        if (!quiet)
        {
            Warn(call, created);
        }

        call.Out.WriteLine(c.Id);
    }

    internal static void Warn(Invocation call, CreateContainerResponse created)
    {
        foreach (string warning in created.Warnings)
        {
            call.Streams.Error.WriteLine($"quilt: warning: {Text.Escaped(warning)}");
        }
    }
}
