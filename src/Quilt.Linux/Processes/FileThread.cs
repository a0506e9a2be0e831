namespace Quilt.Linux;

/// <summary>
/// Works with files of a container's as its root does: on a thread of its own, whose file-system ids are the container's root's and which
/// keeps no more of our privileges than concern files. Credentials are a thread's own for the kernel; the thread ends with its work.
/// </summary>
/// <remarks>
/// What is made belongs to the container's root from its first moment, and can be made on mounts that know the container's ids alone
/// (an idmapped mount, a tmpfs of the container's). Without CAP_SYS_RESOURCE the kernel's disk quotas hold; without CAP_SYS_ADMIN and
/// CAP_MKNOD no device, no mount and no attribute of overlayfs comes of it.
/// </remarks>
/// <seealso href="https://man7.org/linux/man-pages/man2/setfsuid.2.html"/>
public static class FileThread
{
    // Each level of a tree is a call; paths of 3,072 bytes have 1,536 of them.
    private const int StackBytes = 16 << 20;

    private static readonly string[] Kept = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_SETFCAP"];

    /// <param name="id">User and group: the host's number of the container's root. Null: our own, with all that we may.</param>
    /// <param name="work">Waits for nothing that needs the caller's thread.</param>
    public static Task<T> RunAsync<T>(uint? id, Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(
            () =>
            {
                try
                {
                    if (id is { } own)
                    {
                        Sys.ActOnFilesAs(own, own, Capabilities.Mask(Kept));
                    }

                    done.SetResult(work());
                }
#pragma warning disable CA1031 // it is thrown where it is awaited
                catch (Exception e)
#pragma warning restore CA1031
                {
                    done.SetException(e);
                }
            },
            StackBytes)
        { IsBackground = true, Name = "files" };
        thread.Start();
        return done.Task;
    }
}
