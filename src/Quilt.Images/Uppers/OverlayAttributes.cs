using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>What overlayfs writes on upper files whose content is elsewhere (kernel documentation, overlayfs, 'redirect_dir' and 'metacopy').</summary>
internal static class OverlayAttributes
{
    private const string Redirect = "trusted.overlay.redirect", MetadataCopy = "trusted.overlay.metacopy";
    private const int Longest = 4096;

    internal static bool HoldsPartOnly(FileDescriptor file) =>
        Sys.TryGetAttribute(file, Redirect, Longest) is not null || Sys.TryGetAttribute(file, MetadataCopy, Longest) is not null;

    internal static bool TellsOfPartOnly(string attribute) => attribute is Redirect or MetadataCopy;

    /// <param name="path">Of a file or folder that does.</param>
    internal static QuiltException PartOnly(string path) => new(
        ErrorCode.FailedPrecondition, $"'{Text.Printable(path)}' is kept by overlayfs as a reference to what is below it", "mount overlayfs with redirect_dir=off and metacopy=off");
}
