using System.Security.Cryptography;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build.Tests.Fixtures;

/// <summary>Everything of a tree that has to be equal, a line for each path.</summary>
internal static class TreeText
{
    /// <param name="below">Only what lies below this path; empty for all.</param>
    internal static string Of(IReadOnlyList<string> layerFolders, string below = "")
    {
        using ImageTree tree = ImageTree.Open(layerFolders);
        using ImageTreeNode root = tree.TryFind(below) ?? throw new Xunit.Sdk.XunitException($"there is no {below}");
        List<string> lines = [];
        Dictionary<(DeviceNumber, ulong), string> names = [];
        Add(root, lines, names);
        return string.Join('\n', lines);
    }

    private static void Add(ImageTreeNode folder, List<string> lines, Dictionary<(DeviceNumber, ulong), string> names)
    {
        foreach (ImageTreeNode node in folder.Children())
        {
            using (node)
            {
                FileStatus status = node.Status;
                string content = node.Kind switch
                {
                    FileKind.Regular => Digest(node),
                    FileKind.SymbolicLink => "-> " + node.LinkTarget(),
                    _ => "",
                };
                if (status.Links > 1 && node.Kind == FileKind.Regular && !names.TryAdd((status.Device, status.Inode), node.Path))
                {
                    content += $" = {names[(status.Device, status.Inode)]}";
                }

                string attributes = string.Join(',', node.Attributes().Select(a => $"{a.Key}={Convert.ToHexString(a.Value)}"));
                lines.Add($"{node.Path} {node.Kind} {Convert.ToString(status.Permissions, 8)} {status.Uid}:{status.Gid} {content} {attributes}".TrimEnd());
                if (node.Kind == FileKind.Folder)
                {
                    Add(node, lines, names);
                }
            }
        }
    }

    private static string Digest(ImageTreeNode node)
    {
        using Stream content = node.OpenRead();
        return Convert.ToHexStringLower(SHA256.HashData(content))[..12];
    }
}
