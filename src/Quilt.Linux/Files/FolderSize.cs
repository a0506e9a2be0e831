using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>How much is in a folder.</summary>
public static unsafe class FolderSize
{
    // A path that openat2(2) takes, the longest name and the NUL at its end included; what lies deeper is walked from there on, so often.
    private const int LongestPath = 4096 - 256, Deepest = 24;

    /// <summary>
    /// The content of all files below, in bytes; no link is followed, whatever a container makes of its folders while we look. What goes meanwhile does
    /// not count, nor what we may not read.
    /// </summary>
    /// <param name="folder">May be a link itself: it is the caller's own.</param>
    public static long Of(string folder, CancellationToken cancellation = default) => Of(folder, 0, cancellation);

    /// <summary>As <see cref="Of(string, CancellationToken)"/>, each file and folder in whole blocks, as the disk has them.</summary>
    /// <param name="blockBytes">Of one; 0: content alone.</param>
    public static long Of(string folder, int blockBytes, CancellationToken cancellation = default)
    {
        int top = LibC.openat(Sys.AtFdCwd, folder, (OpenMode.ReadOnly | OpenMode.Directory | OpenMode.CloseOnExec).ToKernel(), 0);
        if (top < 0)
        {
            return 0;
        }

        using (new FileDescriptor(top))
        {
            return Below(top, 0, blockBytes, cancellation);
        }
    }

    /// <summary>What so much content takes in whole blocks.</summary>
    public static long InBlocks(long contentBytes, int blockBytes) => (contentBytes + blockBytes - 1) / blockBytes * blockBytes;

    /// <summary>Folders wait as paths from the top, opened anew each time: so a few descriptors do, however deep and wide it is.</summary>
    private static long Below(int top, int depth, int blockBytes, CancellationToken cancellation)
    {
        long bytes = 0;
        byte* buffer = stackalloc byte[FolderEntries.BufferSize];
        Stack<byte[]> waiting = new([".\0"u8.ToArray()]);
        while (waiting.TryPop(out byte[]? path))
        {
            int folder;
            fixed (byte* text = path)
            {
                folder = Sys.OpenAt2(top, text, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow, ResolveFlags.NoSymbolicLinks);
            }

            if (folder < 0)
            {
                continue; // gone, or a link by now
            }

            using FileDescriptor opened = new(folder);
            if (path.Length > LongestPath)
            {
                bytes += depth < Deepest ? Below(folder, depth + 1, blockBytes, cancellation) : 0;
                continue;
            }

            bytes += blockBytes;
            FolderEntries entries = new(folder, buffer);
            while (entries.MoveNext())
            {
                cancellation.ThrowIfCancellationRequested();
                if (entries.Kind is not (FileKind.Regular or FileKind.Folder or FileKind.Unknown) || Sys.TryStatusAt(folder, entries.Name) is not { } status)
                {
                    continue;
                }

                if (status.Kind == FileKind.Folder)
                {
                    waiting.Push([.. path.AsSpan()[..^1], (byte)'/', .. MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entries.Name), 0]);
                }
                else if (status.Kind == FileKind.Regular)
                {
                    bytes += blockBytes == 0 ? (long)status.SizeBytes : InBlocks((long)status.SizeBytes, blockBytes);
                }
            }
        }

        return bytes;
    }
}
