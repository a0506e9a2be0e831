using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>A working folder that an image names and does not have: the container's root gets it, as Docker does it.</summary>
internal static class WorkingFolder
{
    private const uint OwnersAlone = 0x1C0;

    /// <param name="path">In the container; links on the way lead where the image has them lead.</param>
    /// <param name="upper">The container's writable layer; made where it is missing.</param>
    internal static void MakeMissing(string path, string upper, ImageTree tree, ImageCopy copy)
    {
        string[] names = tree.ResolvePath(path).Split('/', StringSplitOptions.RemoveEmptyEntries);
        List<ImageTreeNode> present = [];
        try
        {
            present.Add(tree.Root());
            while (present.Count <= names.Length && present[^1].Child(names[present.Count - 1]) is { } next)
            {
                present.Add(next);
            }

            // What is in the way is told by the launch.
            if (present.Count <= names.Length && present.TrueForAll(p => p.Kind == FileKind.Folder))
            {
                Make(names, present, upper, copy);
            }
        }
        finally
        {
            present.ForEach(p => p.Dispose());
        }
    }

    /// <param name="present">The image's folders on the way, from its root: each is as it was, though the writable layer has it now too.</param>
    private static void Make(string[] names, List<ImageTreeNode> present, string upper, ImageCopy copy)
    {
        bool isNew = Sys.TryMakeDirectory(upper, OwnersAlone);
        FileDescriptor at = Sys.Open(upper, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow);
        try
        {
            if (isNew)
            {
                copy.Own(at);
            }

            for (int i = 0; i < names.Length; i++)
            {
                Sys.MakeFolderAt(at, names[i], OwnersAlone);
                FileDescriptor made = Sys.OpenAt2(at, names[i], OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow, ResolveFlags.Beneath);
                at.Dispose();
                at = made;
                if (i + 1 < present.Count)
                {
                    copy.Describe(present[i + 1], at);
                }
                else
                {
                    copy.Own(at);
                }
            }
        }
        finally
        {
            at.Dispose();
        }
    }
}
