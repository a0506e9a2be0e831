using Quilt.Linux;

namespace Quilt.Images;

/// <summary>What overlayfs writes on upper files whose content is elsewhere (kernel documentation, overlayfs, 'redirect_dir' and 'metacopy').</summary>
internal static class OverlayAttributes
{
    private const int Longest = 4096;

    internal static bool HoldsPartOnly(FileDescriptor file) =>
        Sys.TryGetAttribute(file, "trusted.overlay.redirect", Longest) is not null || Sys.TryGetAttribute(file, "trusted.overlay.metacopy", Longest) is not null;
}
