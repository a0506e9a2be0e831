using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>Tells of files that change (inotify(7)), the kernel's control files among them.</summary>
public sealed unsafe class FileNotices : IDisposable
{
    private const int CloseOnExec = 0x80000, NonBlocking = 0x800, HeaderBytes = 16;
    private const uint Modified = 0x2, QueueOverflow = 0x4000, Ended = 0x8000;

    public FileNotices()
    {
        int fd = LibC.inotify_init1(CloseOnExec | NonBlocking);
        File = fd >= 0 ? new FileDescriptor(fd) : throw SyscallException.Last("inotify_init1");
    }

    /// <summary>Readable while there is something to tell.</summary>
    public FileDescriptor File { get; }

    /// <returns>The watch's number, which no other has; null where the file is not there.</returns>
    /// <exception cref="SyscallException">ENOSPC: the user has as many as fs.inotify.max_user_watches allows.</exception>
    public int? TryWatch(string path)
    {
        int watch = LibC.inotify_add_watch(File.Number, path, Modified);
        return watch >= 0 ? watch : (Errno)Marshal.GetLastPInvokeError() is Errno.ENOENT ? null : throw SyscallException.Last("inotify_add_watch", path);
    }

    /// <summary>Nothing happens where its file is gone already.</summary>
    public void Forget(int watch) => _ = LibC.inotify_rm_watch(File.Number, watch);

    /// <summary>The watches whose files have changed since the last time, some of them perhaps twice.</summary>
    /// <returns>Null where so many changed that the kernel has lost count: it may be any.</returns>
    public IReadOnlyList<int>? Take()
    {
        const int room = 4096;
        byte* buffer = stackalloc byte[room];
        List<int> changed = [];
        while (true)
        {
            nint count = LibC.read(File.Number, buffer, room);
            if (count <= 0)
            {
                return count == 0 || (Errno)Marshal.GetLastPInvokeError() is Errno.EAGAIN ? changed : throw SyscallException.Last("read", "inotify");
            }

            // struct inotify_event: wd, mask, cookie, length of the name that follows
            for (nint at = 0; at + HeaderBytes <= count; at += HeaderBytes + (nint)(*(uint*)(buffer + at + 12)))
            {
                uint mask = *(uint*)(buffer + at + 4);
                if ((mask & QueueOverflow) != 0)
                {
                    return null;
                }

                if ((mask & Ended) == 0)
                {
                    changed.Add(*(int*)(buffer + at));
                }
            }
        }
    }

    public void Dispose() => File.Dispose();
}
