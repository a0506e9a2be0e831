using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Quilt.Linux;

namespace Quilt.Images.Tests;

/// <summary>All that matters of a folder's content, as text to compare: a line for each entry.</summary>
internal static class FolderText
{
    /// <param name="times">Whether modification times count.</param>
    /// <param name="shift">Taken from owners.</param>
    internal static string Of(string folder, bool times = true, uint shift = 0, Func<string, bool>? leaveOut = null)
    {
        StringBuilder text = new();
        Dictionary<(DeviceNumber, ulong), string> first = [];
        Add(folder, ".");
        return text.ToString();

        void Add(string path, string relative)
        {
            if (leaveOut?.Invoke(relative) == true)
            {
                return;
            }

            using FileDescriptor node = Sys.Open(path, OpenMode.Path | OpenMode.NoFollow);
            FileStatus status = Sys.Status(node);
            text.Append(CultureInfo.InvariantCulture, $"{relative} {status.Kind} {Convert.ToString(status.Permissions, 8)} {status.Uid - shift}:{status.Gid - shift}");
            if (times && !status.IsWhiteout)
            {
                text.Append(CultureInfo.InvariantCulture, $" {status.Modified.Seconds}.{status.Modified.Nanoseconds:d9}");
            }

            if (status.Kind != FileKind.Folder && status.Links > 1 && !first.TryAdd((status.Device, status.Inode), relative))
            {
                text.Append(" = ").Append(first[(status.Device, status.Inode)]);
            }

            if (status.Kind == FileKind.SymbolicLink)
            {
                text.Append(" -> ").Append(Sys.ReadLink(node));
            }

            if (status.Kind is FileKind.Regular or FileKind.Folder)
            {
                using FileDescriptor open = Sys.Open(path, OpenMode.ReadOnly | OpenMode.NonBlocking);
                foreach (string name in Sys.AttributeNames(open).Where(n => n != LayerSize.Attribute).Order(StringComparer.Ordinal))
                {
                    text.Append(' ').Append(name).Append('=').Append(Convert.ToHexString(Sys.TryGetAttribute(open, name, 1 << 16)!));
                }
            }

            if (status.Kind == FileKind.Regular)
            {
                text.Append(' ').Append(status.SizeBytes).Append(' ').Append(Convert.ToHexString(SHA256.HashData(Sys.TryReadFile(path)!)));
            }

            text.Append('\n');
            if (status.Kind == FileKind.Folder)
            {
                foreach (string name in Sys.Names(node).Order(StringComparer.Ordinal))
                {
                    Add($"{path}/{name}", $"{relative}/{name}");
                }
            }
        }
    }
}
