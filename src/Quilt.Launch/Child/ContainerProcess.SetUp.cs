namespace Quilt.Launch.Child;

internal static unsafe partial class ContainerProcess
{
    private const int AtFdCwd = -100, AtEmptyPath = 0x1000, AtRecursive = 0x8000;
    private const ulong AttrReadOnly = 1, AttrNoSuid = 2, AttrNoDev = 4, AttrNoExec = 8;
    private const nint OpenTreeClone = 1, OpenTreeCloseOnExec = 0x80000;

    /// <summary>Assembles the root filesystem in a mount namespace of our own.</summary>
    private static void SetUp(ChildProgram* program)
    {
        if (program->UnshareFlags != 0)
        {
            Check(program, Raw.Call(SyscallNumbers.Unshare, (nint)program->UnshareFlags), LaunchStage.Clone);
            RaiseLoopback(program);
        }

        Receive(program, LaunchStage.ReceivePlan, ControlKind.Proceed, program->Mounts, program->MountCount);
        if (program->UnshareFlags == 0)
        {
            RaiseLoopback(program);
        }

        int root, hiddenProc = -1, hiddenSysfs = -1;
        if (program->RootEntry != RootEntry.OthersMounts)
        {
            fixed (byte* slash = "/\0"u8, proc = "/proc/sys\0"u8, sysfs = "/sysfs/kernel\0"u8)
            {
                // Nothing that we mount may travel to the host, nor (when private) the host's to us.
                Check(program, Raw.Call(SyscallNumbers.Mount, 0, (nint)slash, 0, (nint)program->RootPropagation, 0), LaunchStage.RootPropagation);

                // Still with the host's ids: folders above the root may be closed to the container's root.
                if (program->RootEntry == RootEntry.OverEmpty)
                {
                    hiddenProc = OpenHidden(program, proc);
                    hiddenSysfs = OpenHidden(program, sysfs);
                }

                const int fromEmptyPath = 0x04;
                byte empty = 0;
                byte* place = program->RootEntry == RootEntry.OverEmpty ? slash : program->RootPath;
                Check(program, Raw.Call(SyscallNumbers.MoveMount, program->Mounts[0], (nint)(&empty), AtFdCwd, (nint)place, fromEmptyPath), LaunchStage.AttachRoot);
            }
        }

        // Over an empty root no path leads to it yet.
        root = program->RootEntry == RootEntry.OverEmpty
            ? program->Mounts[0]
            : (int)Raw.Call(SyscallNumbers.OpenAt, AtFdCwd, (nint)program->RootPath, OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec);
        Check(program, root, LaunchStage.AttachRoot);
        Check(program, Raw.Call(SyscallNumbers.Fchdir, root), LaunchStage.AttachRoot);
        BecomeRoot(program);

        // What we make has the permissions that we say; the command's own mask comes with its confinement.
        Raw.Call(SyscallNumbers.Umask, 0);
        int nullDevice = -1, emptyFolder = -1;
        for (int i = 0; i < program->StepCount; i++)
        {
            ChildStep* step = &program->Steps[i];
            switch (step->Op)
            {
                case ChildOp.MountFilesystem: MountFilesystem(program, root, step, i); break;
                case ChildOp.AttachMount: AttachMount(program, root, step, i); break;
                case ChildOp.MakeFile: Raw.Close(OpenTarget(program, root, step, i)); break;
                case ChildOp.MakeSymlink: MakeSymlink(program, root, step, i); break;
                case ChildOp.MakeDevice: MakeDevice(program, root, step, i); break;
                case ChildOp.MaskPath: MaskPath(program, root, step, i, &nullDevice, &emptyFolder); break;
                case ChildOp.ReadOnlyPath: MakeReadOnly(program, root, step, i); break;
                case ChildOp.WriteSysctl: WriteSysctl(program, root, step, i); break;
                case ChildOp.SetHostname: CheckStep(program, Raw.Call(SyscallNumbers.Sethostname, (nint)step->Text, Length(step->Text)), i); break;
                case ChildOp.SetDomainname: CheckStep(program, Raw.Call(SyscallNumbers.Setdomainname, (nint)step->Text, Length(step->Text)), i); break;
                case ChildOp.EnterGroup: EnterGroup(program); break;
                case ChildOp.ReadOnlyMount: MakeMountReadOnly(program, root, step, i); break;
            }
        }

        if (program->RootEntry == RootEntry.OverEmpty)
        {
            CoverHidden(program, hiddenProc);
            CoverHidden(program, hiddenSysfs);
        }

        if (program->AskForHooks != 0)
        {
            Tell(program, ControlKind.RootAssembled);
            Receive(program, LaunchStage.ReceivePlan, ControlKind.Proceed);
        }
    }

    private static int OpenHidden(ChildProgram* program, byte* path)
    {
        int folder = (int)Raw.Call(SyscallNumbers.OpenAt, AtFdCwd, (nint)path, OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec);
        Check(program, folder, LaunchStage.AttachRoot);
        return folder;
    }

    /// <summary>
    /// The kernel lets a user namespace mount a proc, or a sysfs, without our masks where its mount namespace has one in full, be it out of reach:
    /// so those that ours began with are in full no more. In one that is nested in ours nobody can take the cover away (mount_namespaces(7)).
    /// </summary>
    private static void CoverHidden(ChildProgram* program, int folder)
    {
        int cover = OpenEmptyFolder(program, LaunchStage.AttachRoot, 0);
        Check(program, Raw.MoveMount(cover, folder), LaunchStage.AttachRoot);
        Raw.Close(cover);
        Raw.Close(folder);
    }

    private static void EnterGroup(ChildProgram* program)
    {
        if (program->GroupComes != 0)
        {
            Receive(program, LaunchStage.Cgroup, ControlKind.Proceed, program->Cgroups, program->CgroupCount);
            JoinCgroups(program);
        }

        if (program->NewCgroupNamespace != 0)
        {
            const nint cloneNewCgroup = 0x02000000;
            Check(program, Raw.Call(SyscallNumbers.Unshare, cloneNewCgroup), LaunchStage.Cgroup);
        }
    }

    private static void CheckStep(ChildProgram* program, nint result, int index) => Check(program, result, LaunchStage.SetupStep, index);

    /// <summary>Makes the assembled folder '/', and leaves no way back.</summary>
    private static void EnterRoot(ChildProgram* program)
    {
        fixed (byte* dot = ".\0"u8, slash = "/\0"u8)
        {
            if (program->RootEntry == RootEntry.Pivot)
            {
                // The old root is stacked on the new one's '.', so that no folder for it is needed (pivot_root(2)).
                Check(program, Raw.Call(SyscallNumbers.PivotRoot, (nint)dot, (nint)dot), LaunchStage.PivotRoot);
                const nint recursiveSlave = 0x4000 | 0x80000, detach = 2;
                Check(program, Raw.Call(SyscallNumbers.Mount, 0, (nint)dot, 0, recursiveSlave, 0), LaunchStage.DetachOldRoot);
                Check(program, Raw.Call(SyscallNumbers.Umount2, dot, detach), LaunchStage.DetachOldRoot);
            }
            else
            {
                if (program->RootEntry == RootEntry.Move)
                {
                    const nint moveMount = 0x2000;
                    Check(program, Raw.Call(SyscallNumbers.Mount, (nint)dot, (nint)slash, 0, moveMount, 0), LaunchStage.PivotRoot);
                }

                Check(program, Raw.Call(SyscallNumbers.Chroot, dot), LaunchStage.PivotRoot);
            }

            Check(program, Raw.Call(SyscallNumbers.Chdir, slash), LaunchStage.PivotRoot);
            if (program->FinalRootPropagation != 0 && program->RootEntry != RootEntry.OthersMounts)
            {
                Check(program, Raw.Call(SyscallNumbers.Mount, 0, (nint)slash, 0, program->FinalRootPropagation, 0), LaunchStage.RootPropagation);
            }
        }
    }

    private static void MountFilesystem(ChildProgram* program, int root, ChildStep* step, int index)
    {
        const int closeOnExec = 1, setFlag = 0, setString = 1, create = 6;
        int context = (int)Raw.Call(SyscallNumbers.FsOpen, step->Text, closeOnExec);
        if (context < 0)
        {
            CheckStep(program, context, index);
        }

        for (int i = 0; i < step->OptionCount; i++)
        {
            byte* value = step->Options[(2 * i) + 1];
            nint set = Raw.Call(SyscallNumbers.FsConfig, context, value == null ? setFlag : setString, (nint)step->Options[2 * i], (nint)value, 0);
            CheckStep(program, set, index);
        }

        bool copyUp = (step->Flags & ChildStepFlags.CopyUp) != 0;
        int covered = -1;
        if (copyUp || (step->Flags & ChildStepFlags.ModeOfTarget) != 0)
        {
            covered = OpenCovered(program, root, step, context, index);
        }

        CheckStep(program, Raw.Call(SyscallNumbers.FsConfig, context, create, 0, 0, 0), index);
        ulong later = copyUp ? step->Attributes & AttrReadOnly : 0;
        int mount = (int)Raw.Call(SyscallNumbers.FsMount, context, closeOnExec, (nint)(step->Attributes & ~later));
        CheckStep(program, mount, index);
        Raw.Close(context);
        if (covered >= 0)
        {
            if (copyUp)
            {
                CopyFolder(program, covered, mount, index, 0);
            }

            Raw.Close(covered);
        }

        if (later != 0)
        {
            CheckStep(program, Raw.MountSetAttr(mount, AtEmptyPath, later, 0, 0), index);
        }

        Attach(program, root, step, index, mount);
    }

    /// <summary>
    /// Opens the folder that a tmpfs will cover, and gives the tmpfs its permissions where it is not told others.
    /// -1: there is none yet, and the kernel's own choice (1777) holds.
    /// </summary>
    private static int OpenCovered(ChildProgram* program, int root, ChildStep* step, int context, int index)
    {
        int folder = (int)Raw.OpenAt2(root, step->Path, (ulong)(OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec), 0, OpenFlags.ResolveInRoot | OpenFlags.ResolveNoMagicLinks);
        if (folder < 0)
        {
            return -1; // where it is not merely missing, attaching will say so
        }

        if ((step->Flags & ChildStepFlags.ModeOfTarget) != 0)
        {
            FileStatus status;
            CheckStep(program, FileStatus.Read(folder, &status), index);
            byte* mode = stackalloc byte[5];
            for (int i = 0; i < 4; i++)
            {
                mode[i] = (byte)('0' + ((status.Permissions >> (9 - (3 * i))) & 7));
            }

            mode[4] = 0;
            const int setString = 1;
            fixed (byte* key = "mode\0"u8)
            {
                CheckStep(program, Raw.Call(SyscallNumbers.FsConfig, context, setString, (nint)key, (nint)mode, 0), index);
            }
        }

        return folder;
    }

    private static void AttachMount(ChildProgram* program, int root, ChildStep* step, int index) =>
        Attach(program, root, step, index, program->Mounts[step->Number]);

    private static void Attach(ChildProgram* program, int root, ChildStep* step, int index, int mount)
    {
        int target = OpenTarget(program, root, step, index);
        if (LeadsIntoKernelFiles(step->Path, target))
        {
            FailWith(program, LaunchStage.SetupStep, index, 40); // ELOOP
        }

        if (Raw.MoveMount(mount, target) < 0)
        {
            FailAttach(program, step, target, index);
        }

        if (step->Propagation != 0)
        {
            CheckStep(program, Raw.MountSetAttr(mount, AtEmptyPath | AtRecursive, 0, 0, step->Propagation), index);
        }

        Raw.Close(target);
        Raw.Close(mount);
    }

    /// <summary>The kernel's EINVAL for a folder upon a file, or the reverse, told as what it is.</summary>
    private static void FailAttach(ChildProgram* program, ChildStep* step, int target, int index)
    {
        const int notDirectory = 20, isDirectory = 21, invalid = 22;
        int errno = Raw.Errno;
        FileStatus status;
        if (errno == invalid && FileStatus.Read(target, &status) >= 0)
        {
            bool file = (step->Flags & ChildStepFlags.TargetIsFile) != 0;
            errno = !file && !status.IsDirectory ? notDirectory : file && status.IsDirectory ? isDirectory : errno;
        }

        FailWith(program, LaunchStage.SetupStep, index, errno);
    }

    /// <summary>Covers a file with /dev/null and a folder with an empty one; which of both is decided on the open file.</summary>
    private static void MaskPath(ChildProgram* program, int root, ChildStep* step, int index, int* nullDevice, int* emptyFolder)
    {
        int target = (int)Raw.OpenAt2(root, step->Path, (ulong)(OpenFlags.Path | OpenFlags.CloseOnExec), 0, OpenFlags.ResolveInRoot | OpenFlags.ResolveNoMagicLinks);
        if (target < 0)
        {
            IgnoreMissing(program, index);
            return;
        }

        FileStatus status;
        CheckStep(program, FileStatus.Read(target, &status), index);
        if (status.IsDirectory && *emptyFolder < 0)
        {
            // Attached at once: before Linux 6.15 only an attached mount can be cloned for the next folder, and closing an
            // unattached one waits for a grace period.
            *emptyFolder = OpenEmptyFolder(program, LaunchStage.SetupStep, index);
            CheckStep(program, Raw.MoveMount(*emptyFolder, target), index);
            Raw.Close(target);
            return;
        }

        if (!status.IsDirectory && *nullDevice < 0)
        {
            *nullDevice = OpenNullDevice(program, root, index);
        }

        byte empty = 0;
        int cover = status.IsDirectory ? *emptyFolder : *nullDevice;
        int mount = (int)Raw.Call(SyscallNumbers.OpenTree, cover, (nint)(&empty), OpenTreeClone | OpenTreeCloseOnExec | AtEmptyPath);
        CheckStep(program, mount, index);
        CheckStep(program, Raw.MoveMount(mount, target), index);
        Raw.Close(mount);
        Raw.Close(target);
    }

    /// <summary>The container's own /dev/null, known by its device number, not by its name (CVE-2025-31133).</summary>
    private static int OpenNullDevice(ChildProgram* program, int root, int index)
    {
        fixed (byte* path = "/dev/null\0"u8)
        {
            int fd = (int)Raw.OpenAt2(root, path, (ulong)(OpenFlags.Path | OpenFlags.CloseOnExec), 0, OpenFlags.ResolveInRoot | OpenFlags.ResolveNoMagicLinks | OpenFlags.ResolveNoSymlinks);
            CheckStep(program, fd, index);
            FileStatus status;
            CheckStep(program, FileStatus.Read(fd, &status), index);
            if (!status.IsCharacterDevice(1, 3))
            {
                FailWith(program, LaunchStage.SetupStep, index, 19); // ENODEV
            }

            return fd;
        }
    }

    private static int OpenEmptyFolder(ChildProgram* program, LaunchStage stage, int step)
    {
        fixed (byte* type = "tmpfs\0"u8, key = "size\0"u8, value = "0\0"u8, blocks = "nr_inodes\0"u8, one = "1\0"u8)
        {
            int context = (int)Raw.Call(SyscallNumbers.FsOpen, type, 1);
            Check(program, context, stage, step);
            Check(program, Raw.Call(SyscallNumbers.FsConfig, context, 1, (nint)blocks, (nint)one, 0), stage, step);
            Check(program, Raw.Call(SyscallNumbers.FsConfig, context, 6, 0, 0, 0), stage, step);
            int mount = (int)Raw.Call(SyscallNumbers.FsMount, context, 1, (nint)(AttrReadOnly | AttrNoSuid | AttrNoDev | AttrNoExec));
            Check(program, mount, stage, step);
            Raw.Close(context);
            return mount;
        }
    }

    private static void MakeReadOnly(ChildProgram* program, int root, ChildStep* step, int index)
    {
        int target = (int)Raw.OpenAt2(root, step->Path, (ulong)(OpenFlags.Path | OpenFlags.CloseOnExec), 0, OpenFlags.ResolveInRoot | OpenFlags.ResolveNoMagicLinks);
        if (target < 0)
        {
            IgnoreMissing(program, index);
            return;
        }

        byte empty = 0;
        int mount = (int)Raw.Call(SyscallNumbers.OpenTree, target, (nint)(&empty), OpenTreeClone | OpenTreeCloseOnExec | AtEmptyPath | AtRecursive);
        CheckStep(program, mount, index);
        CheckStep(program, Raw.MountSetAttr(mount, AtEmptyPath | AtRecursive, AttrReadOnly, 0, 0), index);
        CheckStep(program, Raw.MoveMount(mount, target), index);
        Raw.Close(mount);
        Raw.Close(target);
    }

    private static void MakeMountReadOnly(ChildProgram* program, int root, ChildStep* step, int index)
    {
        int target = OpenTarget(program, root, step, index);
        CheckStep(program, Raw.MountSetAttr(target, AtEmptyPath, AttrReadOnly, 0, 0), index);
        Raw.Close(target);
    }

    private static void IgnoreMissing(ChildProgram* program, int index)
    {
        // ENOENT, ENOTDIR: this kernel has no such file. EACCES: nobody inside can reach it either.
        if (Raw.Errno is not (2 or 20 or 13))
        {
            Fail(program, LaunchStage.SetupStep, index);
        }
    }
}
