using System.Text;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.OciRuntime.Systemd.DBus;

namespace Quilt.OciRuntime.Systemd;

/// <summary>
/// A container's scope: the unit by which systemd knows its group, and leaves what is inside to us. Nothing of this is loaded or
/// costs anything where no scope is asked for.
/// </summary>
internal static class SystemdScope
{
    /// <summary>For a systemd that is busy, as it is while a machine starts.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes the scope around a process, which systemd moves into its group.</summary>
    /// <exception cref="QuiltException">It is not there, or not where it should be; it goes with the process.</exception>
    internal static void Start(ScopeName name, string containerId, int pid, OciResources resources, CgroupMode mode)
    {
        (string, PropertyValue)[] properties =
        [
            ("Description", new PropertyValue.Text($"Container {containerId}")),
            ("Slice", new PropertyValue.Text(name.Slice)),

            // With v1, systemd would divide the controllers that it hands over itself, and open all devices when it is reloaded.
            mode == CgroupMode.V2 ? ("Delegate", new PropertyValue.Flag(true)) : ("DelegateControllers", new PropertyValue.Texts()),
            ("PIDs", new PropertyValue.Processes((uint)pid)),

            // It stands until its container has ended, also when the machine is shut down, and leaves no failed unit to look at.
            ("DefaultDependencies", new PropertyValue.Flag(false)),
            ("CollectMode", new PropertyValue.Text("inactive-or-failed")),
            .. ScopeProperties.Of(resources, mode, ICgroup.NoCpuQuota),
        ];
        Ask(name.Unit, manager => manager.StartTransient(name.Unit, properties));
        string groups = Encoding.UTF8.GetString(Sys.TryReadFile($"/proc/{pid}/cgroup") ?? []);
        if (!groups.Split('\n').Any(line => line.EndsWith(":/" + name.GroupPath, StringComparison.Ordinal)))
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"systemd did not put the container into the group {name.GroupPath}", "run where systemd's groups are this machine's, and give a name that needs no escaping", "linux.cgroupsPath");
        }
    }

    internal static void Set(string unit, OciResources resources, CgroupMode mode, ICgroup group)
    {
        if (ScopeProperties.Of(resources, mode, group.CpuQuota) is { Count: > 0 } properties)
        {
            Ask(unit, manager => manager.Set(unit, properties));
        }
    }

    internal static void Stop(string unit) => Ask(unit, manager => manager.Stop(unit));

    private static void Ask(string unit, Action<SystemdManager> request)
    {
        try
        {
            using SystemdManager manager = SystemdManager.Connect(Patience);
            request(manager);
        }
        catch (DBusException e) when (e.Name is not null)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"systemd refused for {unit}: {e.Message}", $"'systemctl status {unit}' tells what it has of that name", "systemd-cgroup", e);
        }
        catch (Exception e) when (e is DBusException or SyscallException)
        {
            throw new QuiltException(ErrorCode.Unavailable, $"the connection to systemd was lost while it was asked for {unit}: {e.Message}", "try again; 'systemctl' tells whether it runs", "systemd-cgroup", e);
        }
        catch (TimeoutException e)
        {
            throw new QuiltException(ErrorCode.DeadlineExceeded, $"systemd did not do what it was asked for {unit} in {Patience.TotalSeconds} seconds", "'systemctl list-jobs' tells what it waits for", "systemd-cgroup", e);
        }
    }
}
