using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class HelpCommand : CliCommand
{
    private readonly Argument<string[]> _command;

    internal HelpCommand()
        : base("help", "Show help on quilt or one of its commands") => _command = Words("COMMAND", required: false);

    internal override string Usage => "[COMMAND]";

    internal override IReadOnlyList<Example> Examples => [new("quilt help run", "The same as 'quilt run --help'")];

    internal override ArgumentKind Completes => ArgumentKind.CommandName;

    internal override Task<int> RunAsync(Invocation call)
    {
        if (call.Get(_command) is { Length: > 0 } words)
        {
            WriteOn(string.Join(' ', words), call);
        }
        else if (call.Json)
        {
            CliJson.WriteDocument(call.Out, CommandTable.Names.Select(n => CommandTable.Find(n)!)
                .Select(c => new CommandView(c.Name, c.Summary, HelpText.UsageOf(c))).ToArray(), j => j.CommandViewArray);
        }
        else
        {
            HelpText.WriteOverview(call.Out, call.Streams.Style);
        }

        return Task.FromResult(0);
    }

    private static void WriteOn(string name, Invocation call)
    {
        if (CommandTable.Find(name) is { } command)
        {
            HelpText.Write(call.Out, call.Streams.Style, command);
        }
        else
        {
            HelpText.WriteGroup(call.Out, call.Streams.Style, CommandGroup.Find(name) ?? throw HelpText.NoSuchCommand(name));
        }
    }
}
