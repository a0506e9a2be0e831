using Quilt.Linux;

namespace Quilt.Images;

/// <summary>overlayfs's sign on a folder that nothing of the same folder in lower layers shows through it.</summary>
internal static class Opaque
{
    internal const string Attribute = "trusted.overlay.opaque";

    /// <param name="folder">Open for reading: attributes of an O_PATH descriptor are not to be had.</param>
    internal static bool Is(FileDescriptor folder) => Sys.TryGetAttribute(folder, Attribute, 8) is [(byte)'y'];

    internal static void Set(FileDescriptor folder) => Sys.SetAttribute(folder, Attribute, "y"u8);
}
