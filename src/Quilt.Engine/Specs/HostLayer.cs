using Quilt.Network;

namespace Quilt.Engine;

/// <summary>
/// What every container finds in its root, whatever its image: a layer above the image's own, below what the container writes, so that
/// it may change it. A folder of it must not be in the way of an image's: it has the folders that all images have.
/// </summary>
internal static class HostLayer
{
    private const UnixFileMode Folder = (UnixFileMode)0x1ED; // 0755

    /// <summary>Whom a container asks for names, once it has a link; before, nobody is there (resolv.conf(5)).</summary>
    private const string ResolverSettings = $"nameserver {Wiring.NameServer}\n";

    /// <returns>Its folder.</returns>
    internal static string Make(string folder)
    {
        string etc = Directory.CreateDirectory(Path.Combine(folder, "etc")).FullName;
        string file = Path.Combine(etc, "resolv.conf");
        File.WriteAllText(file, ResolverSettings);
        File.SetUnixFileMode(folder, Folder);
        File.SetUnixFileMode(etc, Folder);
        File.SetUnixFileMode(file, (UnixFileMode)0x1A4); // 0644
        return folder;
    }
}
