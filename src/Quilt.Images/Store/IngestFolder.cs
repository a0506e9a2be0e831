using System.Security.Cryptography;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>
/// Where one import keeps what is not yet verified. A lock beside it says that its owner lives, so that what a crash left is
/// told from what another import is at work on.
/// </summary>
internal sealed class IngestFolder : IDisposable
{
    private const string LockSuffix = ".lock";
    private readonly string _lockPath;
    private readonly FileLock _lock;

    private IngestFolder(string path, string lockPath, FileLock @lock)
    {
        Path = path;
        _lockPath = lockPath;
        _lock = @lock;
    }

    internal string Path { get; }

    internal string this[string name] => System.IO.Path.Combine(Path, name);

    internal static IngestFolder Create(string folder)
    {
        while (true)
        {
            string path = System.IO.Path.Combine(folder, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
            string lockPath = path + LockSuffix;
            FileLock taken = FileLock.Take(lockPath);

            // Between its making and its locking a cleaner may have removed the file: then it protects nothing.
            if (File.Exists(lockPath))
            {
                IngestFolder made = new(path, lockPath, taken);
                try
                {
                    Sys.MakeDirectory(path, 0x1C0);
                    return made;
                }
                catch
                {
                    made.Dispose();
                    throw;
                }
            }

            taken.Dispose();
        }
    }

    /// <summary>Removes what imports left whose process ended in their midst.</summary>
    internal static void RemoveAbandoned(string folder)
    {
        foreach (string lockPath in Directory.EnumerateFiles(folder, "*" + LockSuffix))
        {
            using FileLock? taken = FileLock.TryTake(lockPath);
            if (taken is not null)
            {
                FolderRemoval.Remove(lockPath[..^LockSuffix.Length]);
                File.Delete(lockPath);
            }
        }
    }

    /// <summary>What cannot be removed now, such as while there are no descriptors, is removed later, or by the next start.</summary>
    public void Dispose() => FolderRemoval.Begin(Path, () =>
    {
        File.Delete(_lockPath);
        _lock.Dispose();
    });
}
