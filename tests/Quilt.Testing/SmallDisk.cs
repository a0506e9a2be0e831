using System.Globalization;
using Quilt.Linux;
using Xunit;

namespace Quilt.Testing;

/// <summary>A file system of the test's own, to be filled.</summary>
public sealed class SmallDisk : IDisposable
{
    private static readonly KernelVersion TmpfsTakesIdMaps = new(6, 3, 0);
    private readonly TemporaryFolder _folder;
    private readonly string _ballast, _files;

    /// <param name="megabytes">How much it holds; a file for each 12 KB.</param>
    public SmallDisk(int megabytes = 48)
    {
        Assert.SkipWhen(KernelVersion.OfHost() < TmpfsTakesIdMaps, "tmpfs, which is the small disk here, takes no idmapped mounts before Linux 6.3");
        _folder = new TemporaryFolder();
        Path = Directory.CreateDirectory(_folder["small"]).FullName;
        _ballast = System.IO.Path.Combine(Path, "ballast");
        _files = System.IO.Path.Combine(Path, "files");
        Sys.Mount("tmpfs", Path, "tmpfs", 0, string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,nr_inodes={megabytes * 85}"));
    }

    public string Path { get; }

    /// <summary>To the last byte.</summary>
    public void Fill()
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
    public void FillWithFiles()
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
    public void Free()
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
