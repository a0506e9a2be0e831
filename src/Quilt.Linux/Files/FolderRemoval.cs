using Quilt.Core;

namespace Quilt.Linux;

/// <summary>Takes away folders that nobody needs any more, whatever is in them, and whatever the host lacks at the moment.</summary>
public static class FolderRemoval
{
    /// <summary>With all that is below, however deep that is and whatever bytes its names are; no link is followed. Nothing happens where there is no such folder.</summary>
    /// <exception cref="SyscallException">Of the first that could not be deleted (EBUSY, EXDEV: something is mounted there; EMFILE); all else has gone.</exception>
    public static void Remove(string path) => new TreeRemoval(path).Run();

    /// <summary>Now; where that fails, such as while there are no descriptors, later, while nobody waits. What a process leaves that ends before is its next start's.</summary>
    /// <param name="then">Done once it is gone; throws nothing but what has it tried again.</param>
    public static void Begin(string path, Action? then = null)
    {
        if (!TryRemove(path, then))
        {
            _ = RemoveLaterAsync(path, then);
        }
    }

    private static async Task RemoveLaterAsync(string path, Action? then)
    {
        GrowingPause pause = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        do
        {
            await pause.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        }
        while (!TryRemove(path, then));
    }

    private static bool TryRemove(string path, Action? then)
    {
        try
        {
            Remove(path);
            then?.Invoke();
            return true;
        }
        catch (Exception e) when (e is SyscallException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
