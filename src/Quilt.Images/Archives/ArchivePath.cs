using System.Text;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>Paths in archives, on their way to being names.</summary>
internal static class ArchivePath
{
    private const int LongestName = 255;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="Core.QuiltException">It holds a NUL, or is not UTF-8: as text it would come out another.</exception>
    internal static string Decode(ReadOnlySpan<byte> raw)
    {
        try
        {
            return raw.Contains((byte)0)
                ? throw Malformed.Layer($"the path '{Text.Printable(Encoding.Latin1.GetString(raw))}' holds a NUL")
                : Strict.GetString(raw);
        }
        catch (DecoderFallbackException e)
        {
            throw Malformed.Layer($"the path '{Text.Printable(Encoding.Latin1.GetString(raw))}' is not UTF-8", e);
        }
    }

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

        if (Encoding.UTF8.GetByteCount(path) > limits.PathBytes)
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

            if (Encoding.UTF8.GetByteCount(name) > LongestName)
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
