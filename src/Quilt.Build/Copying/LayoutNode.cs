using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>One path of a layer that is being composed.</summary>
internal sealed class LayoutNode
{
    /// <summary>A folder.</summary>
    internal LayoutNode(ArchiveMetadata? metadata)
    {
        Kind = FileKind.Folder;
        Metadata = metadata;
    }

    internal LayoutNode(FileKind kind, ArchiveMetadata metadata)
    {
        Kind = kind;
        Metadata = metadata;
    }

    internal FileKind Kind { get; }

    /// <summary>Null of a folder that is there below and stays as it is: it is no entry of the layer.</summary>
    internal ArchiveMetadata? Metadata { get; set; }

    /// <summary>Nothing is there below: neither is anything in it.</summary>
    internal bool IsNew { get; init; }

    /// <summary>Of a folder.</summary>
    internal SortedDictionary<string, LayoutNode> Children { get; } = new(StringComparer.Ordinal);

    internal string LinkTarget { get; init; } = "";

    /// <summary>In bytes.</summary>
    internal long Size { get; init; }

    /// <summary>Where a file's content is: at a path of a tree, or here.</summary>
    internal TreeSource? Source { get; init; }
    internal string SourcePath { get; init; } = "";
    internal ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Equal of two names of one file; null of one that has a single name.</summary>
    internal (DeviceNumber, ulong)? SharedFile { get; init; }
}
