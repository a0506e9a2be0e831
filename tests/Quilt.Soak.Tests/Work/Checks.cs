using System.Diagnostics;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;

namespace Quilt.Soak.Tests;

/// <summary>What was answered before has to be so later.</summary>
internal static class Checks
{
    /// <summary>What was written is there, in files.</summary>
    internal static async Task FilesAsync(Lifecycle life)
    {
        if (life.Box.Files.Count == 0)
        {
            return;
        }

        if (life.Box.Runs != true)
        {
            await life.StartAsync();
        }

        foreach ((string path, HashSet<string?> may) in life.Box.Files.ToArray())
        {
            ExecResult read = await life.Shell($"[ ! -e {path} ] || cat {path}", outputLimit: 1 << 20);
            string? content = read.Stdout.Length == 0 ? null : read.Stdout.ToStringUtf8();
            Lifecycle.Expect(may.Contains(content), $"{path} holds {content?.Length.ToString() ?? "nothing"}, and may hold one of {string.Join(", ", may.Select(m => m?.Length.ToString() ?? "nothing"))} characters");
        }
    }

    /// <summary>Each command in the background has written all of its lines, and has its own exit code.</summary>
    internal static async Task ExecsAsync(Lifecycle life)
    {
        foreach (BackgroundExec exec in life.Box.Execs.ToArray())
        {
            (string text, ExecInfo info) = await ReadAsync(life, exec.Id);
            Lifecycle.Same(exec.Code, info.ExitCode, "the exit code of a command in the background");
            if (!life.Trouble.Since(exec.Trouble)) // what there was no space for is counted in the log, and not kept
            {
                Lifecycle.Same(Numbers(exec.Lines), text, "the output of a command in the background");
            }

            life.Box.Execs.Remove(exec);
        }
    }

    /// <summary>It is asked to end by itself, and tells its own exit code and all that it wrote.</summary>
    internal static async Task EndingAsync(Lifecycle life)
    {
        Box box = life.Box;
        if (box.Lines == 0 || box.Runs != true)
        {
            return;
        }

        box.Runs = null;
        await life.Shell("touch /end");
        Container ended = (await life.Call((c, o) => c.WaitContainerAsync(new WaitContainerRequest { Container = box.Id, Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)) }, o))).Container;
        Lifecycle.Same((box.Code, ""), (ended.ExitCode, ended.ExitReason), "the exit of a container");
        (box.Runs, box.ExitCode) = (false, box.Code);
        string log = await LogAsync(life, box.Id);
        string once = Numbers(box.Lines);
        if (!life.Trouble.Since(box.StartedIn))
        {
            Lifecycle.Expect(log.EndsWith(once + "end\n", StringComparison.Ordinal), $"the log of its last start has to be {once.Length + 4} characters, and all of it is {log.Length}: ...{log[^Math.Min(60, log.Length)..]}");
        }
    }

    /// <summary>What ends by itself is removed by itself.</summary>
    internal static async Task GoesAsync(Lifecycle life)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (await life.GetAsync() is { } still)
        {
            Lifecycle.Expect(waited.Elapsed < TimeSpan.FromSeconds(60), $"it was to go by itself, and is {still.State} after {waited.Elapsed.TotalSeconds:0} s");
            await Task.Delay(20);
        }

        life.Box.Presence = Presence.Gone;
    }

    internal static string Numbers(int lines) => string.Concat(Enumerable.Range(1, lines).Select(n => $"{n}\n"));

    internal static Task<string> LogAsync(Lifecycle life, string container) => life.Streaming(async (client, options) =>
    {
        StringBuilder text = new();
        using AsyncServerStreamingCall<LogLine> call = client.GetLogs(new GetLogsRequest { Container = container }, options);
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            text.Append(call.ResponseStream.Current.Data.ToStringUtf8());
        }

        return text.ToString();
    });

    private static async Task<(string Text, ExecInfo Exec)> ReadAsync(Lifecycle life, string exec)
    {
        StringBuilder text = new();
        GetExecResponse part = new();
        do
        {
            GetExecRequest request = new() { Container = life.Box.Id, ExecId = exec, SinceCursor = part.Cursor, Follow = true };
            part = await life.Call((c, o) => c.GetExecAsync(request, o));
            foreach (LogLine line in part.Output)
            {
                text.Append(line.Data.ToStringUtf8());
            }
        }
        while (part.Exec.Running || part.Output.Count > 0);
        return (text.ToString(), part.Exec);
    }
}
