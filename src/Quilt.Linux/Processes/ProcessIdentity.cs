namespace Quilt.Linux;

/// <summary>A process for as long as the host is up: numbers are used again, a number with its start time is not.</summary>
/// <param name="StartTime">Clock ticks since boot (proc_pid_stat(5), field 22).</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTime)
{
    public static ProcessIdentity OfThisProcess() =>
        TryOf(Environment.ProcessId) ?? throw new SyscallException("read", "/proc/self/stat", Errno.ENOENT);

    /// <summary>Null where nothing has the number.</summary>
    public static ProcessIdentity? TryOf(int pid) => ProcessStat.TryRead(pid) is { } stat ? new ProcessIdentity(pid, stat.StartTime) : null;

    /// <summary>Whether this very process runs; a zombie does not.</summary>
    public bool IsAlive => ProcessStat.IsAlive(Pid, StartTime);

    /// <summary>A pidfd of this very process; null where it has ended, even if another has its number by now.</summary>
    public FileDescriptor? TryOpen()
    {
        FileDescriptor process;
        try
        {
            process = Sys.PidFdOpen(Pid);
        }
        catch (SyscallException e) when (e.Errno == Errno.ESRCH)
        {
            return null;
        }

        return OnlyOfThis(process);
    }

    /// <summary>Its network namespace; null where it has ended, even if another has its number by now.</summary>
    public FileDescriptor? TryOpenNetworkNamespace() => TryOpen("ns/net", OpenMode.ReadOnly);

    /// <summary>As <see cref="TryOpenNetworkNamespace"/>, its mount namespace. As long as it is open, nothing in it is unmounted by its processes' end.</summary>
    public FileDescriptor? TryOpenMountNamespace() => TryOpen("ns/mnt", OpenMode.ReadOnly);

    /// <summary>As <see cref="TryOpenNetworkNamespace"/>, its user namespace.</summary>
    public FileDescriptor? TryOpenUserNamespace() => TryOpen("ns/user", OpenMode.ReadOnly);

    /// <summary>Its root folder, to resolve paths in (<see cref="RootedPath"/>); null where it has ended.</summary>
    public FileDescriptor? TryOpenRoot() => TryOpen("root", OpenMode.Path | OpenMode.Directory);

    /// <summary>A text of its folder in /proc; null where it has ended, even if another has its number by now, or has no such file.</summary>
    internal TextReader? TryOpenText(string name)
    {
        using FileDescriptor? file = TryOpen(name, OpenMode.ReadOnly);
        return file is null ? null : new StreamReader(new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(file.Release(), ownsHandle: true), FileAccess.Read));
    }

    private FileDescriptor? TryOpen(string name, OpenMode mode)
    {
        FileDescriptor file;
        try
        {
            file = Sys.Open($"/proc/{Pid}/{name}", mode);
        }
        catch (SyscallException e) when (e.Errno is Errno.ENOENT or Errno.ESRCH)
        {
            return null;
        }

        return OnlyOfThis(file);
    }

    /// <summary>Looked at after the opening: what the descriptor names cannot change any more.</summary>
    private FileDescriptor? OnlyOfThis(FileDescriptor opened)
    {
        if (ProcessStat.TryRead(Pid) is { } stat && stat.StartTime == StartTime)
        {
            return opened;
        }

        opened.Dispose();
        return null;
    }
}
