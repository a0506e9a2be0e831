using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Grpc.Core;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A command that does the same to each container it is given, whatever becomes of the others.</summary>
/// <typeparam name="TView">What --json prints for each.</typeparam>
internal abstract class ContainersCommand<TView> : CliCommand
{
    private readonly Argument<string[]> _containers;

    protected ContainersCommand(string name, string summary)
        : base(name, summary) => _containers = Words("CONTAINER");

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected abstract Task<TView> ActAsync(Invocation call, string container);

    protected abstract JsonTypeInfo<TView[]> ViewsType(CliJson json);

    internal override async Task<int> RunAsync(Invocation call)
    {
        List<TView> done = [];
        int exitCode = 0;
        foreach (string container in call.Get(_containers) ?? [])
        {
            try
            {
                done.Add(await ActAsync(call, container));
                if (!call.Json)
                {
                    call.Out.WriteLine(container);
                    call.Out.Flush();
                }
            }
            catch (RpcException e)
            {
                QuiltException failure = Failure.From(e);
                ErrorText.Write(call.Streams.Error, failure, call.Json);
                exitCode = exitCode == 0 ? ExitCodes.Of(failure.Code) : exitCode;
            }
        }

        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, done.ToArray(), ViewsType);
        }

        return exitCode;
    }
}
