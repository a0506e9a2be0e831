using Quilt.Linux;

namespace Quilt.Images.Tests;

/// <summary>An upper folder of a container whose root is the host's <see cref="Base"/>.</summary>
internal static class TestUpper
{
    internal const uint Base = 100_000;

    /// <summary>With all that overlayfs puts into one.</summary>
    internal static string Make(string path)
    {
        Directory.CreateDirectory(Path.Combine(path, "keep"));
        Directory.CreateDirectory(Path.Combine(path, "hidden"));
        File.WriteAllText(Path.Combine(path, "file"), "content");
        File.WriteAllText(Path.Combine(path, new string('n', 200)), "long name");
        File.WriteAllText(Path.Combine(path, "ü"), "");
        File.CreateSymbolicLink(Path.Combine(path, "link"), new string('t', 300));
        using FileDescriptor root = Sys.Open(path, OpenMode.ReadOnly | OpenMode.Directory);
        using (FileDescriptor keep = Sys.OpenAt(root, "keep", OpenMode.ReadOnly | OpenMode.Directory))
        {
            Sys.MakeWhiteoutAt(keep, "gone");
            Sys.MakeWhiteoutAt(keep, TestNames.Odd);
        }

        using (FileDescriptor hidden = Sys.OpenAt(root, "hidden", OpenMode.ReadOnly | OpenMode.Directory))
        {
            Opaque.Set(hidden);
        }

        Sys.MakeFifoAt(root, "fifo", 0x180);
        Sys.MakeHardLinkAt(root, "file", root, "second");
        Sys.MakeFolderAt(root, TestNames.OddLong, 0x1ED);
        Sys.MakeHardLinkAt(root, "file", root, TestNames.Odd);
        Sys.MakeLinkAt(root, TestNames.OddOther, $"{TestNames.OddLong}/{TestNames.Odd}");
        Own(path);
        using FileDescriptor file = Sys.OpenAt(root, "file", OpenMode.ReadOnly);
        Sys.SetPermissions(file, 0x9ED); // 04755
        Sys.SetAttribute(file, "user.note", [0, 1, 255]);
        Sys.SetAttribute(file, "security.capability", Convert.FromHexString("0100000302000000000000000000000000000000A0860100"));
        Sys.SetTimes(file, new FileTime(-5, 250));
        Sys.SetTimes(root, new FileTime(1_600_000_000, 1));
        return path;
    }

    private static void Own(string folder)
    {
        using FileDescriptor opened = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory);
        Sys.SetOwner(opened, Base, Base);
        foreach (string name in Sys.Names(opened))
        {
            Sys.SetOwnerAt(opened, name, Base + 1000, Base + 7);
            if (Sys.StatusAt(opened, name).Kind == FileKind.Folder)
            {
                using FileDescriptor inner = Sys.OpenAt(opened, name, OpenMode.ReadOnly | OpenMode.Directory);
                foreach (string child in Sys.Names(inner))
                {
                    Sys.SetOwnerAt(inner, child, Base, Base);
                }
            }
        }
    }
}
