using System.Globalization;
using System.Text;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>How much an unpacked layer takes on the disk, noted on its folder so that nobody has to walk through it.</summary>
internal static class LayerSize
{
    /// <summary>Invisible in containers: they lack the privilege for this prefix.</summary>
    internal const string Attribute = "trusted.quilt.bytes";
    private const int BlockBytes = 4096, Longest = 32;

    /// <summary>What a file or folder takes, in whole blocks.</summary>
    internal static long OnDisk(long contentBytes) => FolderSize.InBlocks(contentBytes, BlockBytes);

    internal static void Note(FileDescriptor folder, long bytes) =>
        Sys.SetAttribute(folder, Attribute, Encoding.ASCII.GetBytes(bytes.ToString(CultureInfo.InvariantCulture)));

    /// <summary>As noted, or by a walk where it is not.</summary>
    internal static long Of(string path)
    {
        using FileDescriptor folder = Sys.Open(path, OpenMode.ReadOnly | OpenMode.Directory);
        if (Sys.TryGetAttribute(folder, Attribute, Longest) is { } noted && long.TryParse(noted, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes))
        {
            return bytes;
        }

        bytes = FolderSize.Of(path, BlockBytes);
        Note(folder, bytes);
        return bytes;
    }
}
