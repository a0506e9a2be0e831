using Quilt.Api.V1;

namespace Quilt.Cli;

/// <summary>A command of <c>quilt exec -d</c> that is followed: all that it wrote and is kept, and what it writes until it ends. A signal ends the following, not the command.</summary>
internal static class BackgroundExec
{
    private const int TimedOut = 124;

    /// <returns>Its exit code; 124 where its time ran out.</returns>
    internal static async Task<int> FollowAsync(Invocation call, string container, string exec)
    {
        SessionOutput output = SessionOutput.For(call);
        GetExecResponse part = new();
        do
        {
            part = await call.Daemon.GetExecAsync(new GetExecRequest { Container = container, ExecId = exec, SinceCursor = part.Cursor, Follow = true });
            if (part.Missed)
            {
                call.Streams.Error.WriteLine("quilt: some of what it wrote is not kept any more");
            }

            foreach (LogLine line in part.Output)
            {
                Write(output, line);
            }
        }
        while (part.Exec.Running || part.Output.Count > 0); // what came with the end may not be all

        ExecResult exit = new() { ExitCode = part.Exec.ExitCode, Signal = part.Exec.Signal, TimedOut = part.Exec.TimedOut };
        output.Ended(exit, null);
        return exit.TimedOut ? TimedOut : exit.ExitCode;
    }

    private static void Write(SessionOutput output, LogLine line)
    {
        if (line.Stream == "stderr")
        {
            output.Stderr(line.Data.Span);
        }
        else
        {
            output.Stdout(line.Data.Span);
        }
    }
}
