using Microsoft.Data.Sqlite;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Soak.Tests;

/// <summary>What a daemon has on the host, looked for by its folders and its instance's name, whoever made it.</summary>
internal static class HostThings
{
    // Tables that keep the past, each within a bound of its own.
    private static readonly string[] Histories = ["event", "audit", "lifespan", "idempotency", "migration", "setting"];
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };

    internal static IEnumerable<(string Kind, IEnumerable<string> Names)> Of(DaemonProcess daemon)
    {
        string instance = File.ReadAllText(Path.Combine(daemon.StateDir, "instance")).Trim(), root = Path.GetDirectoryName(daemon.StateDir)!;
        Process[] processes = [.. Processes().Where(p => p.Command.Contains(daemon.RunDir, StringComparison.Ordinal) || p.Groups.Contains(instance, StringComparison.Ordinal))];
        yield return ("processes", processes.Select(p => p.Name));
        yield return ("mounts", Mounts(processes, daemon.RunDir, root));
        yield return ("cgroups", CgroupHierarchy.OfHost().SelectMany(h => Groups(h.MountPoint, daemon.CgroupParent, instance)));
        yield return ("network namespaces", processes.Where(p => p.Command.Contains(daemon.RunDir, StringComparison.Ordinal)).Select(p => Link($"/proc/{p.Pid}/ns/net")).Distinct());
        yield return ("fabric", FabricThings.Of(Path.Combine(daemon.RunDir, "fabric")));
        yield return ("loop devices", Loops(root));
        yield return ("files", Files(daemon.StateDir).Concat(Files(daemon.RunDir)).Concat(Files("/dev/shm").Where(f => f.Contains(instance, StringComparison.Ordinal))));
        yield return ("sockets of dead shims", DeadSockets(Path.Combine(daemon.RunDir, "shims")));
        yield return ("rows", Rows(Path.Combine(daemon.StateDir, "quilt.db")));
        if (SoakOptions.Alone)
        {
            yield return ("of the host: links", Directory.EnumerateFileSystemEntries("/sys/class/net").Select(f => Path.GetFileName(f)));
            yield return ("of the host: namespaces", Processes().Select(p => Link($"/proc/{p.Pid}/ns/net")).Distinct());
            yield return ("of the host: rules", Nft());
            yield return ("of the host: mounts", MountInfoEntry.OfThisProcess().Select(m => $"{m.Type} on {m.MountPoint}"));
        }
    }

    private sealed record Process(int Pid, string Name, string Command, string Groups);

    private static IEnumerable<Process> Processes()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            Process? found = null;
            try
            {
                string command = File.ReadAllText($"{folder}/cmdline").Replace('\0', ' ');
                found = new Process(int.Parse(Path.GetFileName(folder)), File.ReadAllText($"{folder}/comm").Trim(), command, File.ReadAllText($"{folder}/cgroup"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has gone.
            }

            if (found is not null)
            {
                yield return found;
            }
        }
    }

    /// <summary>Ours, and those in the namespace that shims have for themselves.</summary>
    private static List<string> Mounts(Process[] processes, string runDir, string root)
    {
        List<string> all = [.. MountInfoEntry.OfThisProcess().Where(m => m.MountPoint.StartsWith(root, StringComparison.Ordinal) && !m.MountPoint.StartsWith(runDir, StringComparison.Ordinal)).Select(m => $"{m.Type} on {m.MountPoint}")];
        foreach (Process shim in processes.Where(p => p.Command.Contains("quilt-shim", StringComparison.Ordinal) && p.Command.Contains(runDir, StringComparison.Ordinal)).Take(1))
        {
            try
            {
                // The fabric, which goes at the check of every 30 s after the last container that was in it, is looked into.
                all.AddRange(File.ReadLines($"/proc/{shim.Pid}/mountinfo").Select(l => l.Split(' ')).Where(f => f[4] != Path.Combine(runDir, "fabric")).Select(f => $"shims' {f[4]}"));
            }
            catch (IOException)
            {
                // It has gone; another is looked at next time.
            }
        }

        return all;
    }

    private static IEnumerable<string> Groups(string mountPoint, string parent, string instance)
    {
        string folder = $"{mountPoint}/{parent}/{instance}";
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories)] : [];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Loops(string root)
    {
        foreach (string device in Directory.EnumerateDirectories("/sys/block", "loop*"))
        {
            string file = Path.Combine(device, "loop", "backing_file"), backing = "";
            try
            {
                backing = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
            }
            catch (IOException)
            {
                // It was let go of.
            }

            if (backing.StartsWith(root, StringComparison.Ordinal))
            {
                yield return Path.GetDirectoryName(backing) ?? backing;
            }
        }
    }

    private static IEnumerable<string> Files(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder, "*", Everything).Where(f => !IsPassing(f)).Select(Plain)];
        }
        catch (Exception e) when (e is DirectoryNotFoundException or IOException)
        {
            return ["(changing)"];
        }
    }

    /// <summary>Of the database while it is written; and the sockets of shims, which are looked at by themselves.</summary>
    private static bool IsPassing(string file) =>
        file.EndsWith("-wal", StringComparison.Ordinal) || file.EndsWith("-shm", StringComparison.Ordinal) || Path.GetFileName(Path.GetDirectoryName(file)) == "shims";

    /// <summary>Sockets of shims that are no more.</summary>
    private static IEnumerable<string> DeadSockets(string folder)
    {
        string[] there = Directory.GetFiles(folder);
        HashSet<string> live = [.. File.ReadLines("/proc/net/unix").Select(l => Path.GetFileName(l))]; // where they lie is told by a descriptor's number
        return there.Where(s => !live.Contains(Path.GetFileName(s)) && File.Exists(s));
    }

    /// <summary>The disk that is ready has a name of its own each time.</summary>
    private static string Plain(string file) =>
        file.EndsWith(".ready", StringComparison.Ordinal) ? Path.Combine(Path.GetDirectoryName(file)!, $"{Path.GetFileName(file).Split('.')[0]}.(one).ready") : file;

    private static IEnumerable<string> Rows(string database)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = database, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        List<string> tables = [];
        using (SqliteCommand list = new("SELECT name FROM sqlite_master WHERE type = 'table'", connection))
        using (SqliteDataReader reader = list.ExecuteReader())
        {
            while (reader.Read())
            {
                tables.Add(reader.GetString(0));
            }
        }

        foreach (string table in tables.Except(Histories))
        {
            using SqliteCommand count = new($"SELECT count(*) FROM \"{table}\"", connection);
            long rows = (long)count.ExecuteScalar()!;
            for (long i = 0; i < rows; i++)
            {
                yield return table;
            }
        }
    }

    private static string[] Nft()
    {
        using System.Diagnostics.Process nft = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("nft", ["list", "tables"]) { RedirectStandardOutput = true })!;
        string text = nft.StandardOutput.ReadToEnd();
        nft.WaitForExit();
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Link(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
