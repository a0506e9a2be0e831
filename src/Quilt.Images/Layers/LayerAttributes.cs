using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Extended attributes of files in images: which are taken over.</summary>
/// <remarks>
/// File capabilities and what programs keep for themselves are part of an image. Labels and signatures of a security module
/// (security.selinux, security.ima), access lists and trusted.* speak of the host on which it was made; they are left out.
/// Those of overlayfs would redirect what the layers show, and are refused. One with '=' in its name cannot be named in an archive.
/// </remarks>
internal static class LayerAttributes
{
    internal const string Capabilities = "security.capability";
    private const string User = "user.";
    private const int LongestName = 255;

    internal static bool IsKept(string name) =>
        name == Capabilities || (name.StartsWith(User, StringComparison.Ordinal) && !IsHostile(name) && !name.Contains('=', StringComparison.Ordinal));

    /// <summary>Sets those of an archive's entry that are kept.</summary>
    /// <exception cref="Core.QuiltException">One is hostile, or of a form that the kernel does not take.</exception>
    internal static void Set(FileDescriptor file, ArchiveEntry entry)
    {
        RefuseHostile(entry);
        foreach ((string name, byte[] value) in entry.Attributes.Where(a => IsKept(a.Key)))
        {
            Sys.SetAttribute(file, name, value);
        }
    }

    /// <exception cref="Core.QuiltException">One of an archive's entry is hostile, or can be no attribute's name.</exception>
    internal static void RefuseHostile(ArchiveEntry entry)
    {
        foreach ((string name, _) in entry.Attributes)
        {
            if (IsHostile(name) || name.Contains('\0', StringComparison.Ordinal) || FileName.ByteCount(name) > LongestName)
            {
                throw Malformed.Entry(entry.DisplayPath, $"has the attribute '{Text.Printable(name)}'");
            }
        }
    }

    internal static void Copy(FileDescriptor from, FileDescriptor to)
    {
        foreach ((string name, byte[] value) in Read(from))
        {
            Sys.SetAttribute(to, name, value);
        }
    }

    /// <summary>Those of a file that are kept, in ordinal order.</summary>
    /// <param name="file">Open for reading: attributes of an O_PATH descriptor are not to be had.</param>
    internal static IReadOnlyList<KeyValuePair<string, byte[]>> Read(FileDescriptor file)
    {
        const int longest = 64 << 10;
        IReadOnlyList<string> names = Sys.AttributeNames(file);
        if (names.Count == 0)
        {
            return [];
        }

        List<KeyValuePair<string, byte[]>> attributes = [];
        foreach (string name in names.Where(IsKept).Order(StringComparer.Ordinal))
        {
            if (Sys.TryGetAttribute(file, name, longest) is { } value)
            {
                attributes.Add(new(name, value));
            }
        }

        return attributes;
    }

    private static bool IsHostile(string name) =>
        name.StartsWith("trusted.overlay.", StringComparison.Ordinal) || name.StartsWith("user.overlay.", StringComparison.Ordinal);
}
