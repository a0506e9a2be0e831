using Quilt.Linux;

namespace Quilt.Soak.Tests;

/// <summary>SIGKILL at moments that nobody knows before.</summary>
internal static class Kills
{
    /// <summary>To quiltd; it is started again, sometimes after a while.</summary>
    internal static async Task OfDaemonAsync(SoakRun run, Random random, CancellationToken over)
    {
        while (true)
        {
            await Task.Delay(random.Next(200, 5000), over);
            await run.Daemon.KillAsync(TimeSpan.FromMilliseconds(random.Next(3) == 0 ? random.Next(1, 600) : 0));
            run.Figures.Count("disturbance kills of quiltd");
        }
    }

    /// <summary>To the shim of a container that runs.</summary>
    internal static async Task OfShimsAsync(SoakRun run, Random random, CancellationToken over)
    {
        while (true)
        {
            await Task.Delay(random.Next(100, 1500), over);
            Box[] boxes = [.. run.Alive.Values.Where(b => b is { ShimKilled: false, Runs: true, Pid: > 0 })];
            if (boxes.Length == 0)
            {
                continue;
            }

            Box box = boxes[random.Next(boxes.Length)];
            int shim = ProcessStat.TryRead(box.Pid)?.ParentPid ?? 0;
            if (shim <= 1 || !IsShim(shim, run.Daemon.Process.RunDir))
            {
                continue;
            }

            try
            {
                // It may have gone over to another container meanwhile; standing still, it cannot any more.
                Sys.Kill(shim, Signals.Stop);
                if (ProcessStat.TryRead(box.Pid) is not { } process || process.ParentPid != shim || process.State == 'Z')
                {
                    Sys.Kill(shim, Signals.Continue);
                    continue;
                }

                box.ShimKilled = true;
                Sys.Kill(shim, Signals.Kill);
                run.Figures.Count("disturbance kills of shims");
            }
            catch (SyscallException)
            {
                // It has gone by itself.
            }
        }
    }

    private static bool IsShim(int pid, string runDir)
    {
        try
        {
            string command = File.ReadAllText($"/proc/{pid}/cmdline");
            return command.Contains("quilt-shim", StringComparison.Ordinal) && command.Contains(runDir, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
