using System.Text;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch.Parent;

/// <summary>Writes a new user namespace's id maps (user_namespaces(7)).</summary>
internal static class IdMappings
{
    internal static void Write(int pid, IReadOnlyList<OciIdMapping> uids, IReadOnlyList<OciIdMapping> gids)
    {
        try
        {
            Sys.WriteFile($"/proc/{pid}/uid_map", Format(uids));
            Sys.WriteFile($"/proc/{pid}/gid_map", Format(gids));
        }
        catch (SyscallException e)
        {
            throw new LaunchException(LaunchStage.IdMapping, e.Errno, "map the container's user and group ids", e);
        }
    }

    private static string Format(IReadOnlyList<OciIdMapping> mappings)
    {
        StringBuilder text = new();
        foreach (OciIdMapping mapping in mappings)
        {
            text.Append(mapping.ContainerId).Append(' ').Append(mapping.HostId).Append(' ').Append(mapping.Size).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A user namespace made only for its map, for an idmapped mount with mappings of its own.</summary>
    internal static unsafe FileDescriptor OpenNamespaceFor(IReadOnlyList<OciIdMapping> uids, IReadOnlyList<OciIdMapping> gids)
    {
        Child.ChildProgram program = new() { StartListener = -1, WaitOnly = 1 };
        (ControlChannel control, FileDescriptor theirs) = ControlChannel.Open(&program);

        // It waits for a word that never comes, and ends with our socket.
        using (control)
        using (theirs)
        {
            (int pid, FileDescriptor pidFd) = CloneCall.Clone(&program, (ulong)NamespaceKind.User, null);
            using (pidFd)
            {
                try
                {
                    Write(pid, uids, gids);
                    return Sys.Open($"/proc/{pid}/ns/user", OpenMode.ReadOnly);
                }
                finally
                {
                    Sys.PidFdSendSignal(pidFd, 9);
                    Sys.WaitId(pid, wait: true);
                }
            }
        }
    }
}
