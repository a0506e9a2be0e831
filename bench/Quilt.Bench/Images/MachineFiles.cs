using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Quilt.Bench.Images;

/// <summary>What images here are made of: the files of this machine's /usr/lib and /usr/share, folder by folder in an order that mixes them. No file is given twice.</summary>
internal sealed class MachineFiles : IDisposable
{
    // One that takes more would be a layer of its own.
    private const long MostBytes = 8_000_000;
    private static readonly string[] Roots = ["/usr/lib", "/usr/share"];

    private readonly IEnumerator<FileInfo> _files = Roots
        .SelectMany(root => Directory.EnumerateDirectories(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Append(root))
        .OrderBy(folder => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(folder))), StringComparer.Ordinal)
        .Select(folder => new DirectoryInfo(folder)).Where(folder => folder.Exists)
        .SelectMany(folder => folder.GetFiles().Where(f => f is { LinkTarget: null, Length: > 0 and <= MostBytes }).OrderBy(f => f.Name, StringComparer.Ordinal))
        .GetEnumerator();

    /// <summary>Adds files to an archive, and the folders that they are in, until there is enough or no file is left.</summary>
    public void Fill(TarWriter archive, Func<bool> isFull)
    {
        HashSet<string> folders = [];
        while (!isFull() && _files.MoveNext())
        {
            FileInfo file = _files.Current;
            try
            {
                AddFolders(archive, folders, file.DirectoryName!);
                archive.WriteEntry(file.FullName, file.FullName[1..]);
            }
            catch (IOException) when (!File.Exists(file.FullName))
            {
                // It went meanwhile.
            }
        }
    }

    /// <summary>Copies at least so many bytes into one folder, under names of their own.</summary>
    public void CopyTo(string folder, long bytes)
    {
        for (int i = 0; bytes > 0 && _files.MoveNext(); i++)
        {
            FileInfo file = _files.Current;
            file.CopyTo(Path.Combine(folder, $"{i}-{file.Name}"));
            bytes -= file.Length;
        }
    }

    public void Dispose() => _files.Dispose();

    private static void AddFolders(TarWriter archive, HashSet<string> folders, string path)
    {
        if (path != "/" && folders.Add(path))
        {
            AddFolders(archive, folders, Path.GetDirectoryName(path)!);
            archive.WriteEntry(new PaxTarEntry(TarEntryType.Directory, path[1..] + "/") { Mode = (UnixFileMode)Convert.ToInt32("755", 8) });
        }
    }
}
