using Quilt.Linux;
using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests;

/// <summary>A file system of 48 MB of the test's own, to be filled.</summary>
internal sealed class SmallDisk : IDisposable
{
    private static readonly KernelVersion TmpfsTakesIdMaps = new(6, 3, 0);
    private readonly TemporaryFolder _folder;
    private readonly string _ballast, _files;

    internal SmallDisk()
    {
        Assert.SkipWhen(KernelVersion.OfHost() < TmpfsTakesIdMaps, "tmpfs, which is the small disk here, takes no idmapped mounts before Linux 6.3");
        _folder = new TemporaryFolder();
        Path = Directory.CreateDirectory(_folder["small"]).FullName;
        _ballast = System.IO.Path.Combine(Path, "ballast");
        _files = System.IO.Path.Combine(Path, "files");
        Sys.Mount("tmpfs", Path, "tmpfs", 0, "size=48m,nr_inodes=4k");
    }

    internal string Path { get; }

    /// <summary>To the last byte.</summary>
    internal void Fill()
    {
        using FileStream file = new(_ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[64 << 10];
        for (int size = block.Length; size > 0;)
        {
            try
            {
                file.Write(block, 0, size);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    /// <summary>To the last inode.</summary>
    internal void FillWithFiles()
    {
        Directory.CreateDirectory(_files);
        try
        {
            for (int i = 0; ; i++)
            {
                File.Create(System.IO.Path.Combine(_files, $"{i}")).Dispose();
            }
        }
        catch (IOException)
        {
            // There are no more.
        }
    }

    /// <summary>There is space again.</summary>
    internal void Free()
    {
        File.Delete(_ballast);
        if (Directory.Exists(_files))
        {
            Directory.Delete(_files, recursive: true);
        }
    }

    public void Dispose()
    {
        Sys.Unmount(Path, lazily: true);
        _folder.Dispose();
    }
}
