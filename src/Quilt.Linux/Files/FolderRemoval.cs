using Quilt.Core;

namespace Quilt.Linux;

/// <summary>Takes away folders that nobody needs any more, whatever the host lacks at the moment.</summary>
public static class FolderRemoval
{
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

    /// <summary>With what links are in it, never what they point at.</summary>
    private static bool TryRemove(string path, Action? then)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }

            then?.Invoke();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
