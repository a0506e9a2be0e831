using System.Security.Cryptography;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Where what was taken out of the store waits to be removed, so that the taking out is a rename.</summary>
internal sealed class Trash
{
    private readonly Lock _emptying = new();
    private readonly string _folder;

    internal Trash(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    internal void Take(string path) => Directory.Move(path, Path.Combine(_folder, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))));

    /// <summary>Removes what is there, also what a killed process left. One thread at a time; what cannot be deleted is tried again the next time.</summary>
    internal void Empty()
    {
        lock (_emptying)
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(_folder))
            {
                try
                {
                    if (File.Exists(path))
                    {
                        File.Delete(path);
                    }
                    else
                    {
                        FolderRemoval.Remove(path);
                    }
                }
                catch (Exception e) when (e is SyscallException or IOException)
                {
                    // Its name is gone from the store all the same.
                }
            }
        }
    }
}
