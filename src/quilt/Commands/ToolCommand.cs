using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A command that is one call of a tool. With --json it prints what the tool answered.</summary>
internal abstract class ToolCommand : CliCommand
{
    private readonly Option<bool>? _quiet;

    /// <param name="quiet">What -q prints alone, such as <c>Print ids alone</c>; null where it takes no -q.</param>
    protected ToolCommand(string name, string summary, string? quiet = null)
        : base(name, summary)
    {
        if (quiet is not null)
        {
            _quiet = Flag(quiet, "--quiet", "-q");
        }
    }

    protected abstract string Tool { get; }

    /// <summary>Where what was given decides which.</summary>
    protected virtual string ToolFor(Invocation call) => Tool;

    /// <summary>What the tool is given.</summary>
    internal abstract ToolArguments ArgumentsOf(Invocation call);

    /// <summary>What it is given beside, that has to be waited for.</summary>
    protected virtual Task<ToolArguments> CompleteAsync(Invocation call, ToolArguments arguments) => Task.FromResult(arguments);

    /// <summary>For a person.</summary>
    internal abstract void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now);

    /// <summary>What -q prints alone: one a line.</summary>
    protected virtual IEnumerable<string> Ids(ToolAnswer answer) => [];

    /// <summary>What a person is told beside the answer, on stderr.</summary>
    protected virtual IEnumerable<string> Remarks(ToolAnswer answer) => [];

    internal override async Task<int> RunAsync(Invocation call)
    {
        await TellAsync(call, await CompleteAsync(call, ArgumentsOf(call)));
        return 0;
    }

    /// <summary>Calls the tool and prints what it answers.</summary>
    protected async Task TellAsync(Invocation call, ToolArguments arguments)
    {
        ToolAnswer answer = await ToolCall.RunAsync(call, ToolFor(call), arguments);
        if (call.Json)
        {
            call.Out.WriteLine(answer.Indented);
        }
        else if (_quiet is not null && call.Get(_quiet))
        {
            foreach (string id in Ids(answer))
            {
                call.Out.WriteLine(id);
            }
        }
        else
        {
            Write(call.Out, call.Streams.Style, answer, DateTimeOffset.UtcNow);
            call.Out.Flush();
            foreach (string remark in Remarks(answer))
            {
                call.Streams.Error.WriteLine(Text.Escaped(remark));
            }
        }
    }
}
