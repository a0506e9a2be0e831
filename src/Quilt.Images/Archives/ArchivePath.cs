using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Paths in archives, on their way to being names.</summary>
internal static class ArchivePath
{
    private const int LongestName = 255;

    /// <summary>As a <see cref="FileName"/>, whatever its bytes are.</summary>
    /// <exception cref="QuiltException">It holds a NUL.</exception>
    internal static string Decode(ReadOnlySpan<byte> raw) => FileName.FromBytes(raw) is var path && path.Contains('\0', StringComparison.Ordinal)
        ? throw Malformed.Layer($"the path '{Text.Printable(path)}' holds a NUL")
        : path;

    /// <summary>The names of a path: <c>./a//b/</c> is a and b. What could lead elsewhere is refused.</summary>
    /// <param name="rooted">Whether it may begin with a slash, which then means the layer's root.</param>
    internal static IReadOnlyList<string> Split(string path, UnpackLimits limits, bool rooted)
    {
        if (path.Length == 0)
        {
            throw Malformed.Layer("an entry has no name");
        }

        if (path[0] == '/' && !rooted)
        {
            throw Malformed.Entry(path, "has an absolute path");
        }

        if (FileName.ByteCount(path) > limits.PathBytes)
        {
            throw Malformed.Entry(path, $"has a path of more than {limits.PathBytes} bytes");
        }

        List<string> names = [];
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == "..")
            {
                throw Malformed.Entry(path, "leads upwards by '..'");
            }

            // A whiteout's is longer than that of what is gone by it, and is no file's.
            if (FileName.ByteCount(name) > LongestName + (name.StartsWith(Whiteout.Prefix, StringComparison.Ordinal) ? Whiteout.Prefix.Length : 0))
            {
                throw Malformed.Entry(path, $"has a name of more than {LongestName} bytes");
            }

            if (name != ".")
            {
                names.Add(name);
            }
        }

        return names;
    }
}
