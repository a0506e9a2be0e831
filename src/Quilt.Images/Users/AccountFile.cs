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
    internal static IEnumerable<string[]> Read(LayerView view, string path, int fields)
    {
        byte[] content = Content(view, path);
        return Encoding.UTF8.GetString(content).Split('\n').Select(line => line.Split(':')).Where(parts => parts.Length >= fields);
    }

    private static byte[] Content(LayerView view, string path)
    {
        List<string> real = view.Resolve(path.Split('/')) ?? throw Unusable(path, "lies behind links that go in a circle");
        using LayerNode? node = view.Find(real);
        if (node is null)
        {
            return [];
        }

        // Nothing but a file is opened: a fifo would wait, a device may act.
        if (node.Status.Kind != FileKind.Regular)
        {
            throw Unusable(path, "is no file");
        }

        if (node.Status.SizeBytes > LongestBytes)
        {
            throw Unusable(path, $"has more than {LongestBytes} bytes");
        }

        using FileDescriptor file = node.OpenContent();
        byte[] content = new byte[node.Status.SizeBytes];
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
