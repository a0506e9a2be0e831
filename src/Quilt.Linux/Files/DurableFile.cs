using System.Globalization;

namespace Quilt.Linux;

/// <summary>Files that must be whole and there after a crash of ours and, unless told, of the machine.</summary>
public static class DurableFile
{
    /// <summary>
    /// Replaces <paramref name="name"/> in a folder at once: a reader sees the old content or the new. When it returns, both
    /// the content and its name are on the disk.
    /// </summary>
    /// <param name="mode">Permissions, less the umask.</param>
    /// <param name="synchronize">False where it need not outlive the machine: the disk, which takes milliseconds, is not waited for.</param>
    /// <exception cref="SyscallException">ENOSPC, EDQUOT: the old content is as it was.</exception>
    public static void Write(string folder, string name, ReadOnlySpan<byte> content, uint mode = 0x180, bool synchronize = true)
    {
        using FileDescriptor place = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory);

        // One of ours per process and thread; what a crash left under the name is overwritten.
        string temporary = $".{name}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        try
        {
            using (FileDescriptor file = Sys.OpenAt(place, temporary, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Truncate, mode))
            {
                Sys.WriteAll(file, content, name);
                if (synchronize)
                {
                    Sys.Synchronize(file, name);
                }
            }

            Sys.RenameAt(place, temporary, name);
        }
        catch
        {
            _ = LibC.unlinkat(place.Number, temporary, 0);
            throw;
        }

        if (synchronize)
        {
            Sys.Synchronize(place, folder);
        }
    }

    /// <summary>Takes away what processes that were killed in the midst of <see cref="Write"/> left in a folder.</summary>
    public static void RemoveAbandoned(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, ".*"))
        {
            string[] parts = Path.GetFileName(path).Split('.');
            if (parts.Length >= 4 && int.TryParse(parts[^1], CultureInfo.InvariantCulture, out _) && int.TryParse(parts[^2], CultureInfo.InvariantCulture, out int writer) && ProcessIdentity.TryOf(writer) is null)
            {
                File.Delete(path);
            }
        }
    }
}
