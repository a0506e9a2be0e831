using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Where <c>--output</c> wants an archive that a tool makes.</summary>
internal sealed class ArchiveOutput(CliCommand command)
{
    private const string Field = "--output";
    private readonly Option<string?> _file = command.Value("FILE", "Write it here (else to stdout, where that is no terminal)", Field, "-o");

    /// <summary>Has the tool make it, and fetches it.</summary>
    /// <exception cref="QuiltException">InvalidArgument: it would go to a terminal, or the file cannot be written; and what the tool says.</exception>
    internal async Task FetchAsync(Invocation call, string tool, ToolArguments arguments)
    {
        string? file = call.Get(_file);
        if (file is null && call.Streams.IsTerminal)
        {
            throw QuiltException.Invalid(Field, "an archive is nothing for a terminal", "give a file with -o, or send stdout to one");
        }

        ToolAnswer answer = await ToolCall.RunAsync(call, tool, arguments);
        string id = answer["downloadId"].Text;
        await (file is null ? Transfer.DownloadAsync(call.Daemon, id, call.Streams.OutBytes) : Transfer.DownloadAsync(call.Daemon, id, file, Field));
        LeftOut.Tell(call, LeftOut.Of(answer));
    }
}
