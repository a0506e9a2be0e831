using System.Runtime.InteropServices;

namespace Quilt.Launch.Child;

internal static unsafe partial class ContainerProcess
{
    private const int PrSetKeepCaps = 8, PrCapBsetDrop = 24, PrSetNoNewPrivs = 38, PrCapAmbient = 47, CapSysAdmin = 21;

    /// <summary>
    /// Gives up everything the command shall not have. The order matters: what needs privilege comes first, and the system
    /// call filter last, where it can only see what the command itself will call.
    /// </summary>
    private static void Confine(ChildProgram* program)
    {
        JoinKeyring(program);

        // Also where none is asked for: one without address randomisation would otherwise be the caller's to hand down.
        Check(program, Raw.Call(SyscallNumbers.Personality, (nint)program->Personality), LaunchStage.Personality);
        WriteLsmLabel(program);
        CloseDescriptors(program);
        FindHome(program);
        for (int capability = 0; capability <= program->LastCapability; capability++)
        {
            if ((program->CapBounding & (1UL << capability)) == 0)
            {
                Check(program, Raw.Call(SyscallNumbers.Prctl, PrCapBsetDrop, capability), LaunchStage.BoundingSet, capability);
            }
        }

        SwitchUser(program);

        // Without no_new_privs the filter needs CAP_SYS_ADMIN (seccomp(2)): it stays until the filter is there, alone.
        bool filterByPrivilege = program->NoNewPrivileges == 0 && program->SeccompFilter != null;
        SetCapabilities(program, filterByPrivilege ? 1UL << CapSysAdmin : 0);
        Raw.Call(SyscallNumbers.Umask, (nint)program->Umask);
        EnterWorkingDirectory(program);

        // A user's core, and nobody else's, may now be dumped; but the parent's death still ends us.
        if (program->DieWithParent != 0)
        {
            Raw.Call(SyscallNumbers.Prctl, PrSetPdeathsig, SigKill);
        }

        if (program->NoNewPrivileges != 0)
        {
            Check(program, Raw.Call(SyscallNumbers.Prctl, PrSetNoNewPrivs, 1, 0, 0, 0), LaunchStage.NoNewPrivileges);
        }

        LoadSeccomp(program);
        if (filterByPrivilege)
        {
            // A filter that refuses these two calls (capset, prctl) can only be had with no_new_privs.
            SetCapabilities(program, 0);
        }
    }

    /// <summary>
    /// Closes what the command shall not have, all but the control socket, which execve closes. Close-on-exec alone would
    /// leave the host's folders open while the working directory and the command are looked up, and <c>/proc/self/fd/N/..</c>
    /// would lead out through them (CVE-2024-21626).
    /// </summary>
    private static void CloseDescriptors(ChildProgram* program)
    {
        const int getFlags = 1, closeOnExec = 1;
        for (int fd = 3; fd < program->FirstClosedFd; fd++)
        {
            // Among the preserved ones, those with close-on-exec are ours: the caller passed fewer than it said.
            nint flags = Raw.Call(SyscallNumbers.Fcntl, fd, getFlags);
            if (flags > 0 && (flags & closeOnExec) != 0 && fd != program->Control && fd != program->StartListener)
            {
                Raw.Close(fd);
            }
        }

        int lower = Math.Min(program->Control, program->StartListener), upper = Math.Max(program->Control, program->StartListener);
        CloseRange(program, program->FirstClosedFd, lower - 1L);
        CloseRange(program, Math.Max(program->FirstClosedFd, lower + 1), upper - 1L);
        CloseRange(program, Math.Max(program->FirstClosedFd, upper + 1), uint.MaxValue);
    }

    private static void CloseRange(ChildProgram* program, int first, long last)
    {
        if ((uint)first <= last)
        {
            Check(program, Raw.Call(SyscallNumbers.CloseRange, first, (nint)last, 0), LaunchStage.CloseDescriptors);
        }
    }

    /// <summary>
    /// A session keyring of its own. A name is known throughout a user namespace: where that is the container's alone, what is
    /// executed in it later joins the same keyring; where it is not, the keyring has no name and nobody else's is joined.
    /// </summary>
    private static void JoinKeyring(ChildProgram* program)
    {
        if (program->NewKeyring == 0)
        {
            return;
        }

        const int joinSessionKeyring = 1;
        // ENOSYS: a kernel without keyrings, so there is none to leak.
        if (Raw.Call(SyscallNumbers.Keyctl, joinSessionKeyring, (nint)program->KeyringName) < 0 && Raw.Errno != 38)
        {
            Fail(program, LaunchStage.Keyring, 0);
        }
    }

    private static void WriteLsmLabel(ChildProgram* program)
    {
        if (program->LsmAttribute == null)
        {
            return;
        }

        byte* number = stackalloc byte[12];
        fixed (byte* slash = "/\0"u8)
        {
            int root = (int)Raw.Call(SyscallNumbers.OpenAt, AtFdCwd, (nint)slash, OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec);
            Check(program, root, LaunchStage.LsmLabel);
            int self = OpenInProc(root, Decimal(number, (int)Raw.Call(SyscallNumbers.GetPid)), OpenFlags.Path);
            Check(program, self, LaunchStage.LsmLabel);
            int fd = (int)Raw.OpenAt2(self, program->LsmAttribute, (ulong)(OpenFlags.WriteOnly | OpenFlags.CloseOnExec), 0, OnOneMount);
            Check(program, fd, LaunchStage.LsmLabel);
            Check(program, Raw.Call(SyscallNumbers.Write, fd, (nint)program->LsmLabel, Length(program->LsmLabel)), LaunchStage.LsmLabel);
            Raw.Close(fd);
            Raw.Close(self);
            Raw.Close(root);
        }
    }

    private static void LoadSeccomp(ChildProgram* program)
    {
        if (program->SeccompFilter == null)
        {
            return;
        }

        const int setModeFilter = 1;
        nint listener = Raw.Call(SyscallNumbers.Seccomp, setModeFilter, (nint)program->SeccompFlags, (nint)program->SeccompFilter);
        Check(program, listener, LaunchStage.Seccomp);
        if (program->SeccompNotify != 0)
        {
            SendFd(program, ControlKind.SeccompListener, (int)listener, LaunchStage.Seccomp);
            Raw.Close((int)listener);
        }
    }

    private static void SwitchUser(ChildProgram* program)
    {
        Check(program, Raw.Call(SyscallNumbers.Prctl, PrSetKeepCaps, 1, 0, 0, 0), LaunchStage.SetUser);
        if (Raw.Call(SyscallNumbers.Setgroups, program->GroupCount, (nint)program->Groups) < 0 && program->GroupCount > 0)
        {
            Fail(program, LaunchStage.SetGroups, 0);
        }

        nint gid = (nint)program->Gid, uid = (nint)program->Uid;
        Check(program, Raw.Call(SyscallNumbers.Setresgid, gid, gid, gid), LaunchStage.SetUser);
        Check(program, Raw.Call(SyscallNumbers.Setresuid, uid, uid, uid), LaunchStage.SetUser);
        Check(program, Raw.Call(SyscallNumbers.Prctl, PrSetKeepCaps, 0, 0, 0, 0), LaunchStage.SetUser);
        Raw.Call(SyscallNumbers.Prctl, PrSetDumpable, 0);
    }

    /// <param name="more">Held in effect for now, beside those that the command gets.</param>
    private static void SetCapabilities(ChildProgram* program, ulong more)
    {
        CapabilityHeader header = new() { Version = 0x20080522 };
        CapabilitySets* sets = stackalloc CapabilitySets[2];
        for (int half = 0; half < 2; half++)
        {
            sets[half].Effective = (uint)((program->CapEffective | more) >> (32 * half));
            sets[half].Permitted = (uint)((program->CapPermitted | more) >> (32 * half));
            sets[half].Inheritable = (uint)(program->CapInheritable >> (32 * half));
        }

        const int clearAll = 4, raise = 2;
        Raw.Call(SyscallNumbers.Prctl, PrCapAmbient, clearAll, 0, 0, 0);
        Check(program, Raw.Call(SyscallNumbers.Capset, (nint)(&header), (nint)sets), LaunchStage.Capabilities);
        for (int capability = 0; capability <= program->LastCapability; capability++)
        {
            if ((program->CapAmbient & (1UL << capability)) != 0)
            {
                Check(program, Raw.Call(SyscallNumbers.Prctl, PrCapAmbient, raise, capability, 0, 0), LaunchStage.Capabilities, capability);
            }
        }
    }

    /// <summary>As the user, so that a folder closed to it is an error; and surely inside the root (CVE-2024-21626).</summary>
    private static void EnterWorkingDirectory(ChildProgram* program)
    {
        nint result = Raw.Call(SyscallNumbers.Chdir, program->Cwd);
        Check(program, result, LaunchStage.WorkingDirectory);
        const int size = 4096;
        byte* path = stackalloc byte[size];
        Check(program, Raw.Call(SyscallNumbers.Getcwd, (nint)path, size), LaunchStage.WorkingDirectory);
        if (*path != '/')
        {
            FailWith(program, LaunchStage.WorkingDirectory, 0, 2);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct CapabilityHeader
    {
        internal uint Version;
        internal int Pid;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct CapabilitySets
    {
        internal uint Effective;
        internal uint Permitted;
        internal uint Inheritable;
    }
}
