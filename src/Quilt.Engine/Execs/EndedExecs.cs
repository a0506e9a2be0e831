using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>What is kept of commands that have ended: outputs of the last of them, in bounds, for they are the host's disk and not the container's.</summary>
internal static class EndedExecs
{
    private const int Most = 64;
    private const long MostBytes = 256L << 20;

    /// <summary>Deletes the oldest of those that are too many, or too much together; the newest is kept, however much it is.</summary>
    /// <param name="execs">The folder that has a folder of each.</param>
    /// <param name="run">When the present run began: what has no end from before it has ended with its own run.</param>
    internal static void Trim(string execs, DateTimeOffset run)
    {
        int count = 0;
        long bytes = 0;
        IEnumerable<DirectoryInfo> ended = new DirectoryInfo(execs).EnumerateDirectories()
            .Where(f => File.Exists(Path.Combine(f.FullName, ExitRecord.FileName)) || f.LastWriteTimeUtc < run.UtcDateTime);
        foreach (DirectoryInfo folder in ended.OrderByDescending(f => f.LastWriteTimeUtc))
        {
            long size = folder.EnumerateFiles().Sum(f => f.Length);
            if (count == Most || (count > 0 && bytes + size > MostBytes))
            {
                folder.Delete(recursive: true);
                continue;
            }

            count++;
            bytes += size;
        }
    }
}
