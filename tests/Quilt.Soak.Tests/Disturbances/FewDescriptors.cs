using Quilt.Linux;

namespace Quilt.Soak.Tests;

/// <summary>quiltd may open hardly any file more, for a while (RLIMIT_NOFILE).</summary>
internal static class FewDescriptors
{
    internal static async Task DisturbAsync(SoakRun run, Random random, CancellationToken over)
    {
        int resource = ResourceLimits.NumberOf("RLIMIT_NOFILE");
        while (true)
        {
            await Task.Delay(random.Next(300, 1500), over);
            int pid = run.Daemon.Process.Pid;
            (ulong soft, ulong hard) = Sys.GetResourceLimit(resource, pid);
            run.Trouble.Begin();
            try
            {
                Sys.SetResourceLimit(pid, resource, (ulong)(DaemonUse.Of(pid).Descriptors + random.Next(0, 12)), hard);
                run.Figures.Count("disturbance few descriptors");
                await Task.Delay(random.Next(50, 600), CancellationToken.None);
            }
            finally
            {
                Sys.SetResourceLimit(pid, resource, soft, hard);
                run.Trouble.End();
            }
        }
    }
}
