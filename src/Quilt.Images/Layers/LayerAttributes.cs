using System.Text;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Extended attributes of files in images: which are taken over.</summary>
/// <remarks>
/// File capabilities and what programs keep for themselves are part of an image. Labels and signatures of a security module
/// (security.selinux, security.ima), access lists and trusted.* speak of the host on which it was made; they are left out.
/// Those of overlayfs would redirect what the layers show, and are refused.
/// </remarks>
internal static class LayerAttributes
{
    private const string Capabilities = "security.capability", User = "user.";
    private const int LongestName = 255;

    internal static bool IsKept(string name) =>
        name == Capabilities || (name.StartsWith(User, StringComparison.Ordinal) && !IsHostile(name));

    /// <summary>Sets those of an archive's entry that are kept.</summary>
    /// <exception cref="Core.QuiltException">One is hostile, or of a form that the kernel does not take.</exception>
    internal static void Set(FileDescriptor file, ArchiveEntry entry)
    {
        foreach ((string name, byte[] value) in entry.Attributes)
        {
            if (IsHostile(name) || name.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(name) > LongestName)
            {
                throw Malformed.Entry(entry.DisplayPath, $"has the attribute '{Text.Printable(name)}'");
            }

            if (IsKept(name))
            {
                Sys.SetAttribute(file, name, value);
            }
        }
    }

    internal static void Copy(FileDescriptor from, FileDescriptor to)
    {
        const int longest = 64 << 10;
        foreach (string name in Sys.AttributeNames(from).Where(IsKept))
        {
            if (Sys.TryGetAttribute(from, name, longest) is { } value)
            {
                Sys.SetAttribute(to, name, value);
            }
        }
    }

    private static bool IsHostile(string name) =>
        name.StartsWith("trusted.overlay.", StringComparison.Ordinal) || name.StartsWith("user.overlay.", StringComparison.Ordinal);
}
