using System.Diagnostics;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Soak.Tests;

/// <summary>quiltd and its shims are in a control group that has hardly any memory left, for a while: the kernel may kill the daemon.</summary>
internal sealed class LittleMemory : IDisposable
{
    private const long Much = 2L << 30;
    private readonly ICgroup _group = CgroupHost.OfThisMachine().Open($"quilt-soak-{Guid.NewGuid():n}");
    private readonly string _processes;

    internal LittleMemory()
    {
        _group.Create();
        CgroupHierarchy hierarchy = CgroupHierarchy.OfHost().FirstOrDefault(h => h.Controllers.Contains("memory")) ?? CgroupHierarchy.OfHost().First(h => h.IsUnified);
        _processes = $"{hierarchy.MountPoint}/{_group.Path}/cgroup.procs";
        TryLimit(Much);
    }

    internal void Prepare(ProcessStartInfo start) => start.Environment["QUILT_SOAK_GROUP"] = _processes;

    internal async Task DisturbAsync(SoakRun run, Random random, CancellationToken over)
    {
        run.Daemon.DiesIn = run.Trouble;
        while (true)
        {
            await Task.Delay(random.Next(300, 2000), over);
            run.Trouble.Begin();
            try
            {
                // Down to what it and its shims cannot let go of, or to some more.
                long least = random.Next(16, 96) << 20;
                for (long bytes = 256 << 20; bytes >= least && TryLimit(bytes); bytes -= 4 << 20)
                {
                }

                run.Figures.Count("disturbance little memory");
                await Task.Delay(random.Next(50, 800), CancellationToken.None);
            }
            finally
            {
                TryLimit(Much);
                run.Trouble.End();
            }
        }
    }

    public void Dispose() => _group.Remove();

    /// <returns>Whether the kernel took it: v1 takes nothing below what is in use, after it has taken back what it can.</returns>
    private bool TryLimit(long bytes)
    {
        try
        {
            _group.Apply(new OciResources { Memory = new OciMemory { Limit = bytes } });
            return true;
        }
        catch (SyscallException)
        {
            return false;
        }
    }
}
