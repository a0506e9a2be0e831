using System.Text.Json;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>What is kept of commands that have ended: how, and outputs of the last of them, in bounds, for they are the host's disk and not the container's.</summary>
internal static class EndedExecs
{
    private const int Most = 64;
    private const long MostBytes = 256L << 20;

    /// <summary>From an earlier run, or long ended: its folder tells.</summary>
    internal static BackgroundExec Of(string folder)
    {
        string path = Path.Combine(folder, ExitRecord.FileName);
        ExitRecord? exit = File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ShimJson.Default.ExitRecord) : null;
        return new BackgroundExec(
            Path.GetFileName(folder), exit?.Command ?? [], 0, exit?.StartedAt ?? Directory.GetCreationTimeUtc(folder),
            exit ?? new ExitRecord(128 + Signals.Kill, Signals.Kill, false, false, Directory.GetLastWriteTimeUtc(folder)));
    }

    /// <summary>All of them.</summary>
    /// <param name="running">Their container does: what has no end is then perhaps still written.</param>
    internal static IEnumerable<BackgroundExec> In(string execs, bool running)
    {
        if (!Directory.Exists(execs))
        {
            return [];
        }

        return Directory.EnumerateDirectories(execs).Where(f => !running || File.Exists(Path.Combine(f, ExitRecord.FileName))).Select(TryOf).OfType<BackgroundExec>();

        static BackgroundExec? TryOf(string folder)
        {
            try
            {
                return Of(folder);
            }
            catch (Exception e) when (e is IOException or JsonException)
            {
                return null; // it is just being trimmed
            }
        }
    }

    /// <summary>Deletes the oldest of those that are too many, or too much together; the newest is kept, however much it is.</summary>
    /// <param name="execs">The folder that has a folder of each.</param>
    /// <param name="run">When the present run began: what has no end from before it has ended with its own run.</param>
    internal static void Trim(string execs, DateTimeOffset run)
    {
        int count = 0;
        long bytes = 0;
        foreach (DirectoryInfo folder in new DirectoryInfo(execs).EnumerateDirectories()
            .Select(f => (Folder: f, EndedAt: EndOf(f, run))).Where(f => f.EndedAt is not null).OrderByDescending(f => f.EndedAt).Select(f => f.Folder))
        {
            long size = SizeOf(folder);
            if (count == Most || (count > 0 && bytes + size > MostBytes))
            {
                Delete(folder);
                continue;
            }

            count++;
            bytes += size;
        }
    }

    private static DateTime? EndOf(DirectoryInfo folder, DateTimeOffset run)
    {
        FileInfo exit = new(Path.Combine(folder.FullName, ExitRecord.FileName));
        return exit.Exists ? exit.LastWriteTimeUtc : folder.LastWriteTimeUtc < run.UtcDateTime ? folder.LastWriteTimeUtc : null;
    }

    private static long SizeOf(DirectoryInfo folder)
    {
        try
        {
            return folder.EnumerateFiles().Sum(f => f.Length);
        }
        catch (IOException)
        {
            return 0; // another who trims was faster
        }
    }

    private static void Delete(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // As above; or what is written to it at the moment is deleted the next time.
        }
    }
}
