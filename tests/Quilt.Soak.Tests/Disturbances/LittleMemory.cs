using System.Diagnostics;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Testing;

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
        Limit(Much);
    }

    internal void Prepare(ProcessStartInfo start) => start.Environment["QUILT_SOAK_GROUP"] = _processes;

    internal async Task DisturbAsync(SoakRun run, Random random, CancellationToken over)
    {
        run.Daemon.MayDie = true;
        while (true)
        {
            await Task.Delay(random.Next(300, 2000), over);
            run.Trouble.Begin();
            try
            {
                // Near what it takes now, or below: what it lets go of, the kernel takes first.
                Limit(Math.Max(32 << 20, ProcessMemory.ResidentBytes(run.Daemon.Process.Pid) + (random.Next(-48, 24) << 20)));
                run.Figures.Count("disturbance little memory");
                await Task.Delay(random.Next(50, 800), CancellationToken.None);
            }
            finally
            {
                Limit(Much);
                run.Trouble.End();
            }
        }
    }

    public void Dispose() => _group.Remove();

    private void Limit(long bytes)
    {
        try
        {
            _group.Apply(new OciResources { Memory = new OciMemory { Limit = bytes } });
        }
        catch (SyscallException)
        {
            // EBUSY: v1 takes nothing below what is in use.
        }
    }
}
