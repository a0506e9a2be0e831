using System.Text;
using Grpc.Core;
using Quilt.Api.V1;
using Xunit;

namespace Quilt.Daemon.Tests;

/// <summary>The output of a process's stream, message by message.</summary>
internal sealed class StreamReader(AsyncDuplexStreamingCall<StreamInput, StreamOutput> call)
{
    internal async Task<StreamOutput> Next()
    {
        Assert.True(await call.ResponseStream.MoveNext(TestContainers.Cancellation), "the stream has ended");
        return call.ResponseStream.Current;
    }

    /// <summary>Stdout up to the end of a line: a terminal gives it in pieces of its own choice.</summary>
    internal async Task<string> ReadLine()
    {
        string text = "";
        while (!text.EndsWith('\n'))
        {
            text += (await Next()).Stdout.ToStringUtf8();
        }

        return text;
    }

    /// <summary>All of stdout until the exit.</summary>
    internal async Task<string> ReadToExit()
    {
        StringBuilder text = new();
        while (await Next() is { OutputCase: not StreamOutput.OutputOneofCase.Exit } output)
        {
            text.Append(output.Stdout.ToStringUtf8());
        }

        return text.ToString();
    }
}
