using System.CommandLine;
using Grpc.Core;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A command that calls its tool for each thing it is given, whatever becomes of the others. With --json each answer is a document.</summary>
internal abstract class ToolOnEachCommand : ToolCommand
{
    private readonly Argument<string[]> _things;

    /// <param name="thing">As the usage names one, such as <c>VOLUME</c>.</param>
    protected ToolOnEachCommand(string name, string summary, string thing)
        : base(name, summary) => _things = Words(thing);

    /// <summary>What the tool is given for one.</summary>
    protected abstract ToolArguments ArgumentsOf(Invocation call, string thing);

    /// <summary>What a person reads before the answer for one of several; null for nothing, where the answer names it.</summary>
    protected virtual string? Heading(string thing) => null;

    /// <summary>For the first.</summary>
    internal override ToolArguments ArgumentsOf(Invocation call) => ArgumentsOf(call, call.Get(_things)![0]);

    internal override async Task<int> RunAsync(Invocation call)
    {
        int exitCode = 0;
        string[] things = call.Get(_things)!;
        foreach (string thing in things)
        {
            try
            {
                if (things.Length > 1 && !call.Json && Heading(thing) is { } heading)
                {
                    call.Out.WriteLine(call.Streams.Style.Heading(heading));
                }

                await TellAsync(call, ArgumentsOf(call, thing));
            }
            catch (RpcException e)
            {
                QuiltException failure = Failure.From(e);
                ErrorText.Write(call.Streams.Error, failure, call.Json);
                exitCode = exitCode == 0 ? ExitCodes.Of(failure.Code) : exitCode;
            }
        }

        return exitCode;
    }
}
