namespace Quilt.Linux;

/// <summary>
/// Groups that a manager such as systemd has handed over, to be divided by who runs in them (<c>Delegate=</c>,
/// systemd.resource-control(5)). What is above such a group is the manager's alone.
/// </summary>
public static class CgroupDelegation
{
    /// <summary>What systemd marks them with: root's since version 236, everyone's since 251.</summary>
    private static readonly string[] Marks = ["trusted.delegate", "user.delegate"];

    /// <summary>A group that hands controllers on holds no process itself (cgroups(7), 'no internal processes').</summary>
    private const string Supervisor = "supervisor";

    /// <summary>The longest leading part of a group's path that leads to a delegated group; empty where none does.</summary>
    /// <param name="path">Relative to <paramref name="mountPoint"/>; its last groups need not exist.</param>
    public static string PartOf(string mountPoint, string path)
    {
        string group = "", delegated = "";
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            group = group.Length == 0 ? part : $"{group}/{part}";
            delegated = IsDelegated($"{mountPoint}/{group}") ? group : delegated;
        }

        return delegated;
    }

    /// <summary>
    /// Moves this process, and so those that it will start, into a group beside the containers' in the delegated group that a path
    /// leads through; and with it whoever is in the delegated group itself.
    /// </summary>
    /// <returns>False where nothing is delegated: then the process stays where it is, which is in nobody's way.</returns>
    /// <exception cref="SyscallException">The kernel refused it.</exception>
    public static bool TryEnterSupervisors(CgroupHost host, string path)
    {
        ICgroup? supervisors = Clear(host, path);
        supervisors?.AddProcess(Environment.ProcessId);
        return supervisors is not null;
    }

    /// <summary>
    /// Moves whoever is in the delegated group itself that a path leads through into a group beside the containers': a process there
    /// keeps the controllers from going on. To be done before the first group is made below.
    /// </summary>
    /// <returns>That group; null where nothing is delegated.</returns>
    /// <exception cref="SyscallException">The kernel refused it.</exception>
    public static ICgroup? Clear(CgroupHost host, string path)
    {
        if (host.Mode != CgroupMode.V2 || PartOf(host.Unified!, path) is not { Length: > 0 } delegated)
        {
            return null;
        }

        // Made without its parent's controllers: handed on by a group that still holds processes, they would make it one of threads.
        ICgroup supervisors = host.Open($"{delegated}/{Supervisor}");
        Sys.MakeDirectory($"{host.Unified}/{supervisors.Path}", 0x1ED);
        foreach (int pid in CgroupFiles.ProcessesOf($"{host.Unified}/{delegated}"))
        {
            try
            {
                supervisors.AddProcess(pid);
            }
            catch (SyscallException e) when (e.Errno == Errno.ESRCH)
            {
                // It has ended.
            }
        }

        return supervisors;
    }

    private static bool IsDelegated(string folder) => Marks.Any(mark => Sys.TryGetAttribute(folder, mark, longest: 16) is [(byte)'1']);
}
