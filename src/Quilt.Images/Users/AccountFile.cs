using System.Text;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>The lines of an image's passwd or group file (passwd(5), group(5)). A hostile party may have written it.</summary>
internal static class AccountFile
{
    /// <summary>More than any real one; so much is read into memory.</summary>
    internal const int LongestBytes = 1 << 20;

    /// <summary>Each line's fields, in order. Lines with fewer than <paramref name="fields"/> of them are left out, as libc does.</summary>
    /// <returns>Empty where the image has no such file.</returns>
    /// <exception cref="QuiltException">FailedPrecondition where it is no ordinary file, or too large.</exception>
    internal static IEnumerable<string[]> Read(Func<string, byte[]> accounts, string path, int fields)
    {
        byte[] content = accounts(path);
        return Encoding.UTF8.GetString(content).Split('\n').Select(line => line.Split(':')).Where(parts => parts.Length >= fields);
    }

    /// <summary>The whole of one; empty where there is none.</summary>
    internal static byte[] Content(LayerView view, string path)
    {
        List<string> real = view.Resolve(path.Split('/')) ?? throw Unusable(path, "lies behind links that go in a circle");
        using LayerNode? node = view.Find(real);
        if (node is null)
        {
            return [];
        }

        RequireFile(node.Status, path);
        using FileDescriptor file = node.OpenContent();
        return Content(file, node.Status, path);
    }

    /// <summary>As of layers, what somebody may change meanwhile.</summary>
    internal static byte[] Content(LiveRoot root, string path)
    {
        using FileDescriptor? found = root.TryOpen(path, follow: true);
        if (found is null)
        {
            return [];
        }

        FileStatus status = Sys.Status(found);
        RequireFile(status, path);
        using FileDescriptor file = Sys.Reopen(found);
        return Content(file, status, path);
    }

    /// <summary>Nothing but a file is opened: a fifo would wait, a device may act.</summary>
    private static void RequireFile(FileStatus status, string path)
    {
        if (status.Kind != FileKind.Regular)
        {
            throw Unusable(path, "is no file");
        }

        if (status.SizeBytes > LongestBytes)
        {
            throw Unusable(path, $"has more than {LongestBytes} bytes");
        }
    }

    private static byte[] Content(FileDescriptor file, FileStatus status, string path)
    {
        byte[] content = new byte[status.SizeBytes];
        int total = 0, count;
        while (total < content.Length && (count = Sys.Read(file, content.AsSpan(total), path)) > 0)
        {
            total += count;
        }

        return content[..total];
    }

    private static QuiltException Unusable(string path, string why) =>
        new(ErrorCode.FailedPrecondition, $"the image's /{path} {why}", "give the user as numbers, such as 1000:1000, or use another image", "user");
}
