using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>What a group's name begins with that holds other groups: no container's id does.</summary>
    public const string GroupPrefix = "agent-";

    /// <summary>Makes a control group that containers can be put into, and limits them all together.</summary>
    /// <param name="group">Relative to the engine's own; each part begins with <see cref="GroupPrefix"/>.</param>
    /// <param name="limits">0 is no limit.</param>
    public void LimitGroup(string group, ContainerLimits limits)
    {
        ICgroup own = GroupAt(group);
        own.Create();
        own.Apply(_limitResources.Of(limits));
    }

    /// <summary>Puts a process of the daemon's own, which is no container's, into a group of its own with limits.</summary>
    public void Supervise(string name, ContainerLimits limits, int pid)
    {
        string group = $"{GroupPrefix}{name}";
        LimitGroup(group, limits);
        GroupAt(group).AddProcess(pid);
    }

    /// <summary>Removes one that holds no container any more; what else is in it is a daemon's that ended, and ends.</summary>
    public void RemoveGroup(string group) => Remove(GroupAt(group));

    private Task RemoveGroupAsync(ContainerRecord record) => Task.Run(() => Remove(GroupOf(record)));

    /// <summary>Its processes are gone, or go now. Where they are gone it goes too, however little the host has left.</summary>
    private static void Remove(ICgroup group)
    {
        if (group.TryRemove())
        {
            return;
        }

        if (group.Processes().Count > 0)
        {
            group.KillAll();
        }

        group.Remove();
    }

    /// <summary>The groups of <see cref="LimitGroup"/> that there are, without those above them.</summary>
    public IReadOnlyCollection<string> Groups() => [.. GroupsBelow("").Where(g => Path.GetFileName(g).StartsWith(GroupPrefix, StringComparison.Ordinal))];

    /// <summary>Every group below one of ours, each before those below it, by its path relative to the engine's.</summary>
    private HashSet<string> GroupsBelow(string group)
    {
        HashSet<string> found = new(StringComparer.Ordinal);
        foreach (string folder in CgroupHierarchy.OfHost().Select(h => Path.Combine(h.MountPoint, _cgroupParent, group)).Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories))
        {
            string name = Path.GetFileName(folder);
            string path = group.Length == 0 ? name : $"{group}/{name}";
            if (found.Add(path) && name.StartsWith(GroupPrefix, StringComparison.Ordinal))
            {
                found.UnionWith(GroupsBelow(path));
            }
        }

        return found;
    }
}
