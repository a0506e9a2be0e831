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
        if (program->SetPersonality != 0)
        {
            Check(program, Raw.Call(SyscallNumbers.Personality, (nint)program->Personality), LaunchStage.Personality);
        }

        WriteLsmLabel(program);
        CloseDescriptors(program);
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
        if (program->SetUmask != 0)
        {
            Raw.Call(SyscallNumbers.Umask, (nint)program->Umask);
        }

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
    /// Closes, now and not only at the execve, all that is not to be inherited: until then a working directory such as
    /// /proc/self/fd/7 could be one of them (CVE-2024-21626). The control socket alone stays; execve closes it.
    /// </summary>
    private static void CloseDescriptors(ChildProgram* program)
    {
        uint first = (uint)program->FirstClosedFd, control = (uint)program->Control;
        if (control > first)
        {
            Check(program, Raw.Call(SyscallNumbers.CloseRange, (nint)first, (nint)control - 1, 0), LaunchStage.CloseDescriptors);
        }

        Check(program, Raw.Call(SyscallNumbers.CloseRange, (nint)Math.Max(first, control + 1), unchecked((nint)uint.MaxValue), 0), LaunchStage.CloseDescriptors);
    }

    private static void JoinKeyring(ChildProgram* program)
    {
        if (program->KeyringName == null)
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

        int fd = (int)Raw.OpenAt2(AtFdCwd, program->LsmAttribute, OpenFlags.WriteOnly | OpenFlags.CloseOnExec, 0, OpenFlags.ResolveNoSymlinks);
        Check(program, fd, LaunchStage.LsmLabel);
        byte* statistics = stackalloc byte[128];
        const nint procSuperMagic = 0x9fa0;
        if (Raw.Call(SyscallNumbers.Fstatfs, fd, (nint)statistics) < 0 || *(nint*)statistics != procSuperMagic)
        {
            FailWith(program, LaunchStage.LsmLabel, 0, 22);
        }

        Check(program, Raw.Call(SyscallNumbers.Write, fd, (nint)program->LsmLabel, Length(program->LsmLabel)), LaunchStage.LsmLabel);
        Raw.Close(fd);
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
