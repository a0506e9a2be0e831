using System.Globalization;
using System.Runtime.InteropServices;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>A file that a command writes for its caller: whole, or as it was. It may hold secrets, so a new one is the caller's alone.</summary>
internal static class OutputFile
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const uint Permissions = 0x1FF; // without set-id bits, which are not for what anybody may have written

    /// <param name="path">A link is followed. A pipe, a terminal or the like, such as /dev/stdout, is written into.</param>
    /// <param name="field">Which option names it.</param>
    /// <exception cref="QuiltException">InvalidArgument: it cannot be written, or is no file.</exception>
    internal static async Task WriteAsync(string path, string field, Func<Stream, Task> write)
    {
        try
        {
            if (OwnDescriptor(path) is { } own)
            {
                await write(new DescriptorStream(own, path));
                return;
            }

            FileStatus? there = Sys.TryStatus(path);
            switch (there?.Kind)
            {
                case null or FileKind.Regular:
                    await ReplaceAsync(Final(path), there, write);
                    break;
                case FileKind.Fifo or FileKind.CharacterDevice:
                    // Shared: others that write there too are its matter, and not for locks.
                    await using (FileStream into = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
                    {
                        await write(into);
                    }

                    break;
                default:
                    throw QuiltException.Invalid(field, $"{field} '{path}' is no file", "name a file");
            }
        }
        catch (Exception e) when (Failure.IsOfFile(e))
        {
            throw QuiltException.Invalid(field, $"{field} '{path}' cannot be written: {e.Message}", "name a file that you may write, on a disk with space");
        }
    }

    private static async Task ReplaceAsync(string file, FileStatus? before, Func<Stream, Task> write)
    {
        string partial = Path.Combine(Path.GetDirectoryName(file)!, $".{Path.GetFileName(file)}.{Guid.NewGuid():N}");
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private };
        await using FileStream to = new(partial, options);
        using PosixSignalRegistration interrupt = RemovedAt(PosixSignal.SIGINT), terminate = RemovedAt(PosixSignal.SIGTERM), hangUp = RemovedAt(PosixSignal.SIGHUP);
        try
        {
            await write(to);
            await to.FlushAsync();
            if (before is { } old)
            {
                KeepOwner(partial, old);
                File.SetUnixFileMode(to.SafeFileHandle, (UnixFileMode)(old.Permissions & Permissions));
            }

            File.Move(partial, file, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }

        // And then it ends us, as it would have.
        PosixSignalRegistration RemovedAt(PosixSignal signal) => PosixSignalRegistration.Create(signal, _ => File.Delete(partial));
    }

    /// <summary>What /dev/stdout and the like lead to: it goes on where the others that write there are.</summary>
    private static FileDescriptor? OwnDescriptor(string path)
    {
        const string descriptors = "/proc/self/fd/";
        string at = Path.GetFullPath(path);
        at = at.StartsWith("/dev/fd/", StringComparison.Ordinal) ? descriptors + Path.GetFileName(at) : new FileInfo(at).LinkTarget is { } target && target.StartsWith(descriptors, StringComparison.Ordinal) ? target : at;
        return at.StartsWith(descriptors, StringComparison.Ordinal) && int.TryParse(at[descriptors.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? new FileDescriptor(number, ownsHandle: false)
            : null;
    }

    private static void KeepOwner(string file, FileStatus old)
    {
        try
        {
            Sys.Chown(file, old.Uid, old.Gid);
        }
        catch (SyscallException e) when (e.Errno == Errno.EPERM)
        {
            // Only root gives files away; who may write into another's folder has the new one.
        }
    }

    /// <summary>A file's full path; of a link, that of what it leads to.</summary>
    internal static string Final(string path) => new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : Path.GetFullPath(path);
}
