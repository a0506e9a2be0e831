using System.Formats.Tar;
using System.Text;

namespace Quilt.Images;

/// <summary>What is in the embedded image: busybox, a link for each of its applets, and what programs expect of a system.</summary>
internal static class EmbeddedFiles
{
    private const UnixFileMode Usual = (UnixFileMode)0x1ED, Sticky = (UnixFileMode)0x3FF, Readable = (UnixFileMode)0x1A4; // 0755, 1777, 0644
    private const string Busybox = "bin/busybox";

    private static readonly (string Path, UnixFileMode Mode)[] Folders =
    [
        ("bin", Usual), ("dev", Usual), ("etc", Usual), ("home", Usual), ("lib", Usual), ("mnt", Usual), ("opt", Usual),
        ("proc", (UnixFileMode)0x16D), ("root", (UnixFileMode)0x1C0), ("run", Usual), ("sbin", Usual), ("srv", Usual),
        ("sys", (UnixFileMode)0x16D), ("tmp", Sticky), ("usr", Usual), ("usr/bin", Usual), ("usr/lib", Usual),
        ("usr/local", Usual), ("usr/local/bin", Usual), ("usr/sbin", Usual), ("usr/share", Usual), ("var", Usual),
        ("var/cache", Usual), ("var/lib", Usual), ("var/log", Usual), ("var/spool", Usual), ("var/tmp", Sticky),
    ];

    private static readonly (string Path, UnixFileMode Mode, string Content)[] Texts =
    [
        ("etc/passwd", Readable, """
            root:x:0:0:root:/root:/bin/sh
            daemon:x:1:1:daemon:/usr/sbin:/bin/false
            bin:x:2:2:bin:/bin:/bin/false
            sys:x:3:3:sys:/dev:/bin/false
            mail:x:8:8:mail:/var/spool/mail:/bin/false
            www-data:x:33:33:www-data:/var/www:/bin/false
            nobody:x:65534:65534:nobody:/:/bin/false

            """),
        ("etc/group", Readable, """
            root:x:0:
            daemon:x:1:
            bin:x:2:
            sys:x:3:
            adm:x:4:
            tty:x:5:
            disk:x:6:
            mail:x:8:
            www-data:x:33:
            staff:x:50:
            users:x:100:
            nogroup:x:65534:

            """),
        ("etc/shadow", (UnixFileMode)0x180, """
            root:*:::::::
            daemon:*:::::::
            bin:*:::::::
            sys:*:::::::
            mail:*:::::::
            www-data:*:::::::
            nobody:*:::::::

            """),
        ("etc/hosts", Readable, "127.0.0.1\tlocalhost\n::1\tlocalhost\n"),
        ("etc/nsswitch.conf", Readable, "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"),
        ("etc/os-release", Readable, "ID=quilt-busybox\nNAME=\"Quilt busybox\"\nPRETTY_NAME=\"Quilt busybox\"\n"),
        ("etc/resolv.conf", Readable, ""),
        ("etc/shells", Readable, "/bin/sh\n/bin/ash\n"),
    ];

    /// <summary>The layer's archive, the same for the same busybox and applets: nothing in it depends on when or where it is made.</summary>
    /// <param name="applets">Their paths, one a line, as <c>busybox --list-full</c> tells them.</param>
    internal static byte[] Archive(byte[] busybox, string applets)
    {
        SortedDictionary<string, UstarTarEntry> entries = new(StringComparer.Ordinal);
        foreach ((string path, UnixFileMode mode) in Folders)
        {
            entries[path] = Entry(TarEntryType.Directory, path + "/", mode);
        }

        foreach ((string path, UnixFileMode mode, string content) in Texts)
        {
            entries[path] = File(path, mode, Encoding.UTF8.GetBytes(content));
        }

        entries[Busybox] = File(Busybox, Usual, busybox);
        entries["var/run"] = Link("var/run", "../run");
        foreach (string path in applets.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // Relative: the links hold also where the image is looked at from outside.
            entries.TryAdd(path, Link(path, Upwards(path) + (path.StartsWith("bin/", StringComparison.Ordinal) ? Busybox[4..] : Busybox)));
        }

        using MemoryStream archive = new(busybox.Length + (entries.Count * 1024));
        using (TarWriter writer = new(archive, leaveOpen: true))
        {
            foreach (UstarTarEntry entry in entries.Values)
            {
                writer.WriteEntry(entry);
            }
        }

        return archive.ToArray();
    }

    /// <summary>From an applet's folder to the root; to the same folder for those in busybox's own.</summary>
    private static string Upwards(string path) =>
        path.StartsWith("bin/", StringComparison.Ordinal) ? "" : string.Concat(Enumerable.Repeat("../", path.Count(c => c == '/')));

    private static UstarTarEntry File(string path, UnixFileMode mode, byte[] content)
    {
        UstarTarEntry entry = Entry(TarEntryType.RegularFile, path, mode);
        entry.DataStream = new MemoryStream(content, writable: false);
        return entry;
    }

    private static UstarTarEntry Link(string path, string target)
    {
        UstarTarEntry entry = Entry(TarEntryType.SymbolicLink, path, (UnixFileMode)0x1FF);
        entry.LinkName = target;
        return entry;
    }

    private static UstarTarEntry Entry(TarEntryType type, string path, UnixFileMode mode) =>
        new(type, path) { Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch, Uid = 0, Gid = 0, UserName = "", GroupName = "" };
}
