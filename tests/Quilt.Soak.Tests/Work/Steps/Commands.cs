using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;

namespace Quilt.Soak.Tests;

/// <summary>A command's exit code and both of its streams.</summary>
internal sealed class ShortExec : Step
{
    internal override int Weight => 25;

    internal override async Task RunAsync(Lifecycle life)
    {
        int code = life.Random.Next(0, 126);
        ExecResult result = await life.Shell($"echo out {life.Number}; echo err >&2; exit {code}");
        Lifecycle.Same((code, $"out {life.Number}\n", "err\n"), (result.ExitCode, result.Stdout.ToStringUtf8(), result.Stderr.ToStringUtf8()), "a command");
    }
}

/// <summary>More output than an answer holds: head and tail, and how much there was.</summary>
internal sealed class LongExec : Step
{
    internal override async Task RunAsync(Lifecycle life)
    {
        int lines = life.Random.Next(20_000, 60_000);
        ExecResult result = await life.Shell($"seq {lines}", outputLimit: 8192);
        long all = Enumerable.Range(1, lines).Sum(n => n.ToString(CultureInfo.InvariantCulture).Length + 1L);
        Lifecycle.Same((0, true, all), (result.ExitCode, result.Truncated, result.StdoutBytes), "a command with much output");
        string text = result.Stdout.ToStringUtf8();
        Lifecycle.Expect(text.StartsWith("1\n2\n3\n", StringComparison.Ordinal) && text.EndsWith($"\n{lines}\n", StringComparison.Ordinal), "head or tail of the output is missing");
    }
}

/// <summary>What is given comes back.</summary>
internal sealed class ExecWithInput : Step
{
    internal override async Task RunAsync(Lifecycle life)
    {
        string given = string.Concat(Enumerable.Repeat($"line of {life.Number}\n", life.Random.Next(1, 5000)));
        ExecResult result = await life.Shell("cat", stdin: given, outputLimit: 1 << 20);
        Lifecycle.Same((0, given), (result.ExitCode, result.Stdout.ToStringUtf8()), "a command with input");
    }
}

/// <summary>Its time is over.</summary>
internal sealed class ExecOutOfTime : Step
{
    internal override int Weight => 5;

    internal override async Task RunAsync(Lifecycle life)
    {
        ExecResult result = await life.Shell("echo begun; sleep 100", timeout: TimeSpan.FromMilliseconds(150));
        Lifecycle.Same((137, true, "begun\n"), (result.ExitCode, result.TimedOut, result.Stdout.ToStringUtf8()), "a command out of time");
    }
}

/// <summary>A live stream, both ways, to its end.</summary>
internal sealed class StreamedExec : Step
{
    internal override Task RunAsync(Lifecycle life) => life.Streaming(async (client, options) =>
    {
        int lines = life.Random.Next(1, 3000);
        using AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = client.ExecStream(options);
        await call.RequestStream.WriteAsync(new StreamInput { Exec = new ExecRequest { Container = life.Box.Id, Command = { "sh", "-c", $"read x; seq {lines}; echo $x; exit 5" }, StdinOpen = true } });
        await call.RequestStream.WriteAsync(new StreamInput { Stdin = ByteString.CopyFromUtf8("the end\n") });
        System.Text.StringBuilder text = new();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            StreamOutput output = call.ResponseStream.Current;
            if (output.OutputCase == StreamOutput.OutputOneofCase.Exit)
            {
                Lifecycle.Same((5, Checks.Numbers(lines) + "the end\n"), (output.Exit.ExitCode, text.ToString()), "a streamed command");
                return true;
            }

            text.Append(output.Stdout.ToStringUtf8());
        }

        throw new UnexpectedException("a stream has ended without its command's exit");
    });
}

/// <summary>A client that vanishes in the midst of a stream takes its command along.</summary>
internal sealed class AbandonedExec : Step
{
    internal override int Weight => 5;

    internal override Task RunAsync(Lifecycle life) => life.Streaming(async (client, options) =>
    {
        using AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = client.ExecStream(options);
        await call.RequestStream.WriteAsync(new StreamInput { Exec = new ExecRequest { Container = life.Box.Id, Command = { "sh", "-c", "while true; do echo more; done" } } });
        return await call.ResponseStream.MoveNext(CancellationToken.None);
    });
}

/// <summary>A program that the image has not, and one that fails.</summary>
internal sealed class FailingExec : Step
{
    internal override async Task RunAsync(Lifecycle life)
    {
        await Lifecycle.Refused("command_not_found", () => life.Tool("execInContainer", new { container = life.Box.Id, command = new[] { "no-such-program" } }), "a program that is not there");
        await Lifecycle.Refused("command_not_executable", () => life.Tool("execInContainer", new { container = life.Box.Id, command = new[] { "/etc/passwd" } }), "a program that is none");
        Lifecycle.Same(1, (await life.Shell("false")).ExitCode, "false");
    }
}

/// <summary>Several at once in one container.</summary>
internal sealed class ExecsAtOnce : Step
{
    internal override Task RunAsync(Lifecycle life) => Task.WhenAll(Enumerable.Range(0, 5).Select(async n =>
    {
        ExecResult result = await life.Shell($"seq {n * 100}; exit {n}");
        Lifecycle.Same((n, Checks.Numbers(n * 100)), (result.ExitCode, result.Stdout.ToStringUtf8()), "one of several commands");
    }));
}

/// <summary>A command that goes on while other things happen; its output is read at the end.</summary>
internal sealed class BackgroundExecs : Step
{
    internal override int Weight => 20;

    internal override async Task RunAsync(Lifecycle life)
    {
        (int lines, int code, int trouble) = (life.Random.Next(1, 2000), life.Random.Next(0, 126), life.Trouble.Now);
        string pauses = life.Random.Next(2) == 0 ? "[ $((i % 500)) != 0 ] || sleep 0.1; " : "";
        ExecRequest request = new() { Container = life.Box.Id, Background = true, Command = { "sh", "-c", $"i=0; while [ $i -lt {lines} ]; do i=$((i+1)); {pauses}echo $i; done; exit {code}" } };
        string id = (await life.Call((c, o) => c.ExecAsync(request, o))).ExecId;
        life.Box.Execs.Add(new BackgroundExec(id, lines, code, trouble));
    }
}

/// <summary>One in the background is fed, and ended.</summary>
internal sealed class FedAndKilledExec : Step
{
    internal override int Weight => 5;

    internal override async Task RunAsync(Lifecycle life)
    {
        ExecRequest request = new() { Container = life.Box.Id, Background = true, StdinOpen = true, Command = { "sh", "-c", "while read a; do echo got $a; done; sleep 100" } };
        string id = (await life.Call((c, o) => c.ExecAsync(request, o))).ExecId;
        await life.Call((c, o) => c.SendExecInputAsync(new SendExecInputRequest { Container = life.Box.Id, ExecId = id, Input = ByteString.CopyFromUtf8("this\n"), CloseStdin = true }, o));
        GetExecResponse read = await life.Call((c, o) => c.GetExecAsync(new GetExecRequest { Container = life.Box.Id, ExecId = id, Follow = true }, o));
        Lifecycle.Same("got this\n", string.Concat(read.Output.Select(l => l.Data.ToStringUtf8())), "what a fed command wrote");
        await life.Call((c, o) => c.KillExecAsync(new KillExecRequest { Container = life.Box.Id, ExecId = id, Signal = "KILL" }, o));
        do
        {
            read = await life.Call((c, o) => c.GetExecAsync(new GetExecRequest { Container = life.Box.Id, ExecId = id, Follow = true, SinceCursor = read.Cursor }, o));
        }
        while (read.Exec.Running);

        Lifecycle.Same((137, 9), (read.Exec.ExitCode, read.Exec.Signal), "a killed command");
    }
}
