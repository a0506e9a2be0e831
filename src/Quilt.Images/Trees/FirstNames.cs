using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Files with several names: the first that a walk comes by is the file, and the others are links to it.</summary>
public sealed class FirstNames
{
    private readonly Dictionary<(DeviceNumber, ulong), string> _names = [];

    /// <param name="file">Its device and inode.</param>
    /// <returns>The name that it was met by before; null where this is the first.</returns>
    public string? Before((DeviceNumber, ulong) file, string path) => _names.TryAdd(file, path) ? null : _names[file];

    /// <summary>As <see cref="Before((DeviceNumber, ulong), string)"/>; what has one name alone is not remembered.</summary>
    internal string? Before(FileStatus status, string path) => status.Links < 2 ? null : Before((status.Device, status.Inode), path);
}
