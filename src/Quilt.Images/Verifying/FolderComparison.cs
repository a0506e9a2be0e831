using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Compares unpacked layers: names, kinds, owners, permissions, times, links, attributes and content.</summary>
internal sealed class FolderComparison
{
    private const int BufferBytes = 128 << 10;
    private readonly byte[] _one = new byte[BufferBytes], _two = new byte[BufferBytes];
    private readonly Dictionary<(DeviceNumber, ulong), (DeviceNumber, ulong)> _sameFile = [];

    private FolderComparison()
    {
    }

    /// <summary>The first path at which two folders differ, and how; null where they are the same.</summary>
    internal static string? FirstDifference(string one, string two, CancellationToken cancellation)
    {
        using FileDescriptor first = Sys.Open(one, OpenMode.ReadOnly | OpenMode.Directory), second = Sys.Open(two, OpenMode.ReadOnly | OpenMode.Directory);
        return new FolderComparison().Compare(first, second, ".", cancellation) is { } difference ? Text.Escaped(difference) : null;
    }

    private string? Compare(FileDescriptor one, FileDescriptor two, string path, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Describe(one, two, path) is { } difference)
        {
            return difference;
        }

        IReadOnlyList<string> names = Names(one);
        if (names.Except(Names(two)).Concat(Names(two).Except(names)).FirstOrDefault() is { } extra)
        {
            return $"{path}/{extra} is in one of them only";
        }

        foreach (string name in names)
        {
            using FileDescriptor first = Sys.OpenAt(one, name, OpenMode.Path), second = Sys.OpenAt(two, name, OpenMode.Path);
            string child = $"{path}/{name}";
            if (CompareNode(one, first, two, second, name, child, cancellation) is { } different)
            {
                return different;
            }
        }

        return null;
    }

    private string? CompareNode(FileDescriptor oneFolder, FileDescriptor one, FileDescriptor twoFolder, FileDescriptor two, string name, string path, CancellationToken cancellation)
    {
        FileKind kind = Sys.Status(one).Kind;
        if (kind != Sys.Status(two).Kind)
        {
            return $"{path} is of another kind";
        }

        switch (kind)
        {
            case FileKind.Folder:
                using (FileDescriptor first = Sys.OpenAt(oneFolder, name, OpenMode.ReadOnly | OpenMode.Directory), second = Sys.OpenAt(twoFolder, name, OpenMode.ReadOnly | OpenMode.Directory))
                {
                    return Compare(first, second, path, cancellation);
                }

            case FileKind.Regular:
                using (FileDescriptor first = Sys.OpenAt(oneFolder, name, OpenMode.ReadOnly), second = Sys.OpenAt(twoFolder, name, OpenMode.ReadOnly))
                {
                    return Describe(first, second, path) ?? Content(first, second, path);
                }

            case FileKind.SymbolicLink when Sys.ReadLink(one) != Sys.ReadLink(two):
                return $"{path} points elsewhere";
            default:
                return DescribeStatus(Sys.Status(one), Sys.Status(two), path);
        }
    }

    private string? Describe(FileDescriptor one, FileDescriptor two, string path)
    {
        if (DescribeStatus(Sys.Status(one), Sys.Status(two), path) is { } difference)
        {
            return difference;
        }

        IReadOnlyList<KeyValuePair<string, byte[]>> first = LayerAttributes.Read(one), second = LayerAttributes.Read(two);
        bool same = first.Count == second.Count && first.Zip(second).All(p => p.First.Key == p.Second.Key && p.First.Value.AsSpan().SequenceEqual(p.Second.Value));
        return same && Opaque.Is(one) == Opaque.Is(two) ? null : $"{path} has other attributes";
    }

    private string? DescribeStatus(FileStatus one, FileStatus two, string path)
    {
        if (one.IsWhiteout)
        {
            return two.IsWhiteout ? null : $"{path} is of another kind";
        }

        if ((one.Permissions, one.Uid, one.Gid) != (two.Permissions, two.Uid, two.Gid))
        {
            return $"{path} has another owner or other permissions";
        }

        if (one.Modified != two.Modified)
        {
            return $"{path} has another time";
        }

        if (one.Kind == FileKind.Folder)
        {
            return null;
        }

        bool sameFile = _sameFile.TryGetValue((one.Device, one.Inode), out (DeviceNumber, ulong) known)
            ? known == (two.Device, two.Inode)
            : one.Links < 2 || _sameFile.TryAdd((one.Device, one.Inode), (two.Device, two.Inode));
        return sameFile && one.Links == two.Links && one.SizeBytes == two.SizeBytes ? null : $"{path} has another size or other hard links";
    }

    private string? Content(FileDescriptor one, FileDescriptor two, string path)
    {
        int count;
        while ((count = Fill(one, _one, path)) > 0)
        {
            if (Fill(two, _two, path) != count || !_one.AsSpan(0, count).SequenceEqual(_two.AsSpan(0, count)))
            {
                return $"{path} has other content";
            }
        }

        return null;
    }

    private static int Fill(FileDescriptor file, byte[] buffer, string path)
    {
        int total = 0, count;
        while (total < buffer.Length && (count = Sys.Read(file, buffer.AsSpan(total), path)) > 0)
        {
            total += count;
        }

        return total;
    }

    private static IReadOnlyList<string> Names(FileDescriptor folder) =>
        [.. Sys.EachName(folder).Order(StringComparer.Ordinal)];
}
