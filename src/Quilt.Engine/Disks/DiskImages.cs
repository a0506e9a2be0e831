using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Storage;

namespace Quilt.Engine;

/// <summary>
/// Makes the files that are a file system of their own (<see cref="DiskImage"/>): where there is a limit of disk, its size is the limit.
/// An empty one of each size is kept, and copied without its holes: that is much faster than to make one.
/// </summary>
internal sealed class DiskImages : IDisposable
{
    /// <summary>Below this little is left beside what the file system needs for itself.</summary>
    internal const long MinimumBytes = 16L << 20;

    /// <summary>What a file of an ext4 below ours can be.</summary>
    internal const long MaximumBytes = 8L << 40;

    private const int TemplatesKept = 16, MadeAtOnce = 2;
    private const string Suffix = ".img";
    private const uint OwnerOnly = 0x180; // 0600
    private readonly string _folder;
    private readonly SemaphoreSlim _making = new(MadeAtOnce);
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Task> _being = [];

    /// <param name="folder">What a daemon left half made in it goes.</param>
    internal DiskImages(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        foreach (string half in Directory.EnumerateFiles(folder).Where(f => !f.EndsWith(Suffix, StringComparison.Ordinal)))
        {
            File.Delete(half);
        }
    }

    public void Dispose() => _making.Dispose();

    /// <summary>Makes an empty one.</summary>
    /// <param name="path">Where nothing is yet; what is left half made is the caller's.</param>
    /// <exception cref="QuiltException">FailedPrecondition: the host lacks something; ResourceExhausted: its disk is full.</exception>
    internal void Make(string path, long sizeBytes)
    {
        try
        {
            using FileDescriptor template = OpenTemplate(sizeBytes);
            using FileDescriptor image = Sys.Open(path, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive, OwnerOnly);
            Sys.CopyContent(template, Sys.Status(template), image, CancellationToken.None);
        }
        catch (Exception e) when (DiskFull.Is(e))
        {
            throw Database.DiskFull(e);
        }
    }

    /// <inheritdoc cref="DiskImage.Mount"/>
    /// <exception cref="QuiltException">FailedPrecondition: what the kernel lacks.</exception>
    internal static FileDescriptor Mount(string path)
    {
        try
        {
            return DiskImage.Mount(path);
        }
        catch (SyscallException e) when (Sys.Exists(path))
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"a disk limit cannot be held on this host: {e.Message}",
                "load the kernel's modules 'loop' and 'ext4', and see that /dev/loop-control is there; or leave the limit out", "disk", e);
        }
    }

    /// <summary>Makes the empty one of a size that others are copied from, where it is missing. Those who wait for one hold no thread.</summary>
    /// <exception cref="QuiltException">As <see cref="Make"/>.</exception>
    internal Task PrepareAsync(long sizeBytes, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_being.TryGetValue(sizeBytes, out Task? being) && !File.Exists(TemplateOf(sizeBytes)))
            {
                _being.Add(sizeBytes, being = Task.Run(() => PrepareAsync(sizeBytes), CancellationToken.None));
            }

            return being?.WaitAsync(cancellation) ?? Task.CompletedTask;
        }
    }

    private async Task PrepareAsync(long sizeBytes)
    {
        await _making.WaitAsync().ConfigureAwait(false);
        try
        {
            MakeTemplate(sizeBytes).Dispose();
        }
        catch (Exception e) when (DiskFull.Is(e))
        {
            throw Database.DiskFull(e);
        }
        finally
        {
            _making.Release();
            lock (_lock)
            {
                _being.Remove(sizeBytes);
            }
        }
    }

    private FileDescriptor OpenTemplate(long sizeBytes) => Sys.TryOpen(TemplateOf(sizeBytes), OpenMode.ReadOnly) ?? MakeTemplate(sizeBytes);

    private string TemplateOf(long sizeBytes) => Path.Combine(_folder, sizeBytes.ToString(CultureInfo.InvariantCulture) + Suffix);

    /// <summary>Opened, before another size's may take it away. Where two are made of one size, the last is kept.</summary>
    private FileDescriptor MakeTemplate(long sizeBytes)
    {
        string path = TemplateOf(sizeBytes), temporary = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        FileDescriptor? made = null;
        try
        {
            MakeTemplate(temporary, sizeBytes);
            made = Sys.Open(temporary, OpenMode.ReadOnly);
            Sys.Rename(temporary, path);
        }
        catch
        {
            made?.Dispose();
            File.Delete(temporary);
            throw;
        }

        foreach (FileInfo old in new DirectoryInfo(_folder).EnumerateFiles('*' + Suffix).OrderByDescending(f => f.CreationTimeUtc).Skip(TemplatesKept))
        {
            old.Delete();
        }

        return made;
    }

    private static void MakeTemplate(string path, long sizeBytes)
    {
        using (FileDescriptor file = Sys.Open(path, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive, OwnerOnly))
        {
            Sys.Truncate(file, sizeBytes);
        }

        Format(path);
        using FileDescriptor mount = Mount(path);
        using FileDescriptor root = Sys.OpenAt(mount, ".", OpenMode.ReadOnly | OpenMode.Directory);
        Sys.RemoveFolderAt(root, "lost+found"); // a volume begins empty; a check of the file system makes it where it needs it
    }

    /// <summary>Nothing is kept back for root; an error makes it read-only, and is not built upon.</summary>
    private static void Format(string path)
    {
        string program = HostProgram.Find("mkfs.ext4")
            ?? throw new QuiltException(ErrorCode.FailedPrecondition, "a disk limit cannot be held on this host: the program 'mkfs.ext4' is missing", "install the package e2fsprogs, or leave the limit out", "disk");
        string[] arguments =
        [
            "-q", "-F", "-m", "0", "-b", DiskImage.BlockBytes.ToString(CultureInfo.InvariantCulture), "-I", "256", "-i", "16384", "-e", "remount-ro",
            "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0", path,
        ];
        try
        {
            using Process made = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
            string errors = made.StandardError.ReadToEnd();
            made.WaitForExit();
            if (made.ExitCode != 0)
            {
                throw new QuiltException(ErrorCode.FailedPrecondition, $"a disk limit cannot be held on this host: mkfs.ext4 refuses: {errors.Trim()}", "give another size, or leave the limit out", "disk");
            }
        }
        catch (Win32Exception e)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"a disk limit cannot be held on this host: '{program}' cannot be run: {e.Message}", "repair or reinstall the package e2fsprogs", "disk", e);
        }
    }
}
