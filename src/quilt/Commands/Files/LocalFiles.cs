using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>The caller's own side of a copy. What a container packed is unpacked as what it is, a stranger's: nothing in it leads out of the folder that it comes into.</summary>
internal static class LocalFiles
{
    /// <summary>Writes an archive of a file or folder, named by its last name; one that ends with <c>/.</c> is <c>.</c> there.</summary>
    /// <exception cref="QuiltException">InvalidArgument: it cannot be read.</exception>
    internal static void Pack(string path, bool followLink, Stream to)
    {
        string name = PathEnd.NameOf(path);
        bool isFolder = path.EndsWith('/') || name.Length == 0;
        FileDescriptor node;
        try
        {
            node = Sys.Open(path, OpenMode.Path | (followLink || isFolder ? 0 : OpenMode.NoFollow));
        }
        catch (SyscallException e)
        {
            throw QuiltException.Invalid("SRC", $"'{path}' cannot be read: {e.Errno.Meaning()}", "name a file or folder that you may read");
        }

        using LiveRoot root = new(node);
        try
        {
            new RootReader(root, null, CancellationToken.None).Pack(node, name, to);
        }
        catch (QuiltException e) when (e.Field == "path")
        {
            throw new QuiltException(e.Code, e.Message, e.Remedy, "SRC", e);
        }
    }

    /// <summary>About so much it is, for a bar; 0 where nobody knows.</summary>
    internal static long SizeOf(string path) => File.Exists(path) ? new FileInfo(path).Length : Directory.Exists(path) ? FolderSize.Of(path) : 0;

    /// <summary>Takes an archive in.</summary>
    /// <param name="keepOwners">As the container's numbers; only root gives files away.</param>
    /// <param name="field">Which argument names the path.</param>
    /// <exception cref="QuiltException">It cannot be written, or the archive is hostile.</exception>
    internal static CopyReport Unpack(Stream archive, string path, CopyPlacing placing, bool keepOwners, string field)
    {
        if (new FileInfo(path).LinkTarget is not null)
        {
            // The caller's own link is followed, as cp does; those that an archive brings are not.
            path = Final(path, field);
        }

        (string folder, string name) = Directory.Exists(path) ? (path, PathEnd.Inside) : PathEnd.Split(path);
        FileDescriptor opened;
        try
        {
            opened = Sys.Open(folder, OpenMode.Path | OpenMode.Directory);
        }
        catch (SyscallException e)
        {
            throw QuiltException.Invalid(field, $"'{folder}' cannot be written to: {e.Errno.Meaning()}", "name a folder that is there, or a name in one");
        }

        using LiveRoot root = new(opened);
        using RootWriter writer = new(root, new CopyInOptions { Placing = placing, KeepOwners = keepOwners, KeepPrivileges = false }, null, CancellationToken.None);
        try
        {
            return writer.Unpack(archive, name);
        }
        catch (QuiltException e) when (e.Field == "path")
        {
            // Whose path is that below the folder.
            string? remedy = e.Code == ErrorCode.ResourceExhausted ? e.Remedy : "name a folder that is there, or a name in one, where you may write";
            throw new QuiltException(e.Code, $"'{path}' cannot be written to: {e.Message}", remedy, field, e);
        }
    }

    private static string Final(string link, string field)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: true)!.FullName;
        }
        catch (Exception e) when (Failure.IsOfFile(e))
        {
            throw new QuiltException(ErrorCode.InvalidArgument, $"the link '{link}' cannot be followed: {e.Message}", "name what it should lead to", field, e);
        }
    }
}
