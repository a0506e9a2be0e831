namespace Quilt.Linux;

/// <summary>How much is in a folder.</summary>
public static class FolderSize
{
    private static readonly EnumerationOptions All = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };

    /// <summary>The content of all files below, in bytes; no link is followed. What goes while we look does not count.</summary>
    public static long Of(string folder, CancellationToken cancellation = default)
    {
        long bytes = 0;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", All))
            {
                cancellation.ThrowIfCancellationRequested();
                bytes += file.Exists ? file.Length : 0;
            }
        }
        catch (IOException)
        {
            // The folder has gone: what was seen counts.
        }

        return bytes;
    }
}
