using System.Diagnostics;
using Quilt.Testing;

namespace Quilt.Linux.Tests.Disks;

public sealed class DiskImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DiskImageTests() => Assert.SkipUnless(Environment.IsPrivilegedProcess && HostProgram.Find("mkfs.ext4") is not null, "needs root and mkfs.ext4");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Mounted_twice_it_is_one_file_system_on_one_device_and_with_the_last_mount_both_go()
    {
        string image = Make(16);
        using (FileDescriptor first = DiskImage.Mount(image), second = DiskImage.Mount(image))
        {
            File.WriteAllText($"/proc/self/fd/{first.Number}/file", "seen");
            Assert.Equal("seen", File.ReadAllText($"/proc/self/fd/{second.Number}/file"));
            Assert.Single(Devices(image));
            Assert.DoesNotContain(MountInfoEntry.OfThisProcess(), m => m.Source == Devices(image)[0]);
        }

        await Deadline.Until(() => Devices(image).Length == 0);
        using FileDescriptor again = DiskImage.Mount(image);
        Assert.Equal("seen", File.ReadAllText($"/proc/self/fd/{again.Number}/file"));
    }

    [Fact]
    public async Task However_many_mount_it_at_once_there_is_one_device()
    {
        string image = Make(16);
        for (int round = 0; round < 10; round++)
        {
            FileDescriptor[] mounts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => DiskImage.Mount(image))));
            Assert.Single(Devices(image));
            Array.ForEach(mounts, m => m.Dispose());
        }
    }

    [Fact]
    public void It_holds_no_more_than_its_size_and_more_once_it_has_grown()
    {
        string image = Make(16);
        using FileDescriptor mount = DiskImage.Mount(image);
        string file = $"/proc/self/fd/{mount.Number}/file";
        IOException full = Assert.Throws<IOException>(() => File.WriteAllBytes(file, new byte[24 << 20]));
        Assert.True(DiskFull.Is(full), full.ToString());
        Assert.True(DiskSpace.Of(mount) is { FreeBytes: < 1 << 20, TotalBytes: < 16 << 20 });
        const int sysResource = 24;
        if (((long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("CapEff:", StringComparison.Ordinal)).Split('\t')[1], System.Globalization.NumberStyles.HexNumber) >> sysResource) & 1) == 0)
        {
            Assert.Equal(Errno.EPERM, Assert.Throws<SyscallException>(() => DiskImage.Grow(image, 64 << 20)).Errno);
            Assert.True(DiskSpace.Of(mount) is { TotalBytes: < 16 << 20 });
            Assert.Skip("growing needs CAP_SYS_RESOURCE, which this process has not");
        }

        DiskImage.Grow(image, 64 << 20);
        Assert.True(DiskSpace.Of(mount) is { FreeBytes: > 40 << 20, TotalBytes: < 64 << 20 and > 50 << 20 }, DiskSpace.Of(mount).ToString());
        File.WriteAllBytes(file, new byte[24 << 20]);
        DiskImage.Grow(image, 64 << 20); // again is nothing
    }

    [Fact]
    public async Task What_is_deleted_in_it_is_given_back_to_the_disk_below()
    {
        string image = Make(64);
        using FileDescriptor mount = DiskImage.Mount(image);
        string file = $"/proc/self/fd/{mount.Number}/file";
        byte[] content = new byte[32 << 20];
        Random.Shared.NextBytes(content);
        Write(file, content);
        long before = Allocated(image);
        Assert.True(before > 30 << 20, $"{before}");
        File.Delete(file);
        Run("sync", "-f", image);
        Run("sync", "-f", $"/proc/{Environment.ProcessId}/fd/{mount.Number}");
        await Deadline.Until(() => Allocated(image) < before / 2);
    }

    [Fact]
    public void A_copy_has_the_content_and_the_holes_also_in_memory()
    {
        string image = Make(64);
        foreach (string copy in (string[])[_folder["copy.img"], $"/dev/shm/quilt-test-{Guid.NewGuid():N}.img"])
        {
            try
            {
                using (FileDescriptor from = Sys.Open(image, OpenMode.ReadOnly), to = Sys.Open(copy, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive, 0x180))
                {
                    Sys.CopyContent(from, Sys.Status(from), to, TestContext.Current.CancellationToken);
                }

                Assert.Equal(File.ReadAllBytes(image), File.ReadAllBytes(copy));
                Assert.True(Allocated(copy) < 8 << 20, $"{Allocated(copy)}");
            }
            finally
            {
                File.Delete(copy);
            }
        }
    }

    [Fact]
    public async Task What_is_missing_is_told()
    {
        SyscallException e = Assert.Throws<SyscallException>(() => DiskImage.Mount(_folder["none.img"]));
        Assert.Equal(Errno.ENOENT, e.Errno);
        File.WriteAllBytes(_folder["zeros.img"], new byte[16 << 20]);
        Assert.Equal(Errno.EINVAL, Assert.Throws<SyscallException>(() => DiskImage.Mount(_folder["zeros.img"])).Errno);
        await Deadline.Until(() => Devices("zeros.img").Length == 0);
    }

    private string Make(int megabytes)
    {
        string image = _folder[$"{Guid.NewGuid():N}.img"];
        using (FileStream file = File.Create(image))
        {
            file.SetLength((long)megabytes << 20);
        }

        Run("mkfs.ext4", "-q", "-F", "-m", "0", "-b", "4096", image);
        return image;
    }

    private static void Write(string file, byte[] content)
    {
        using FileStream stream = File.Create(file);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    private static string[] Devices(string image) =>
    [
        .. Directory.EnumerateDirectories("/sys/block", "loop*").Where(d => Sys.TryReadFile($"{d}/loop/backing_file") is { } backing
            && System.Text.Encoding.UTF8.GetString(backing).Contains(Path.GetFileName(image), StringComparison.Ordinal)).Select(d => "/dev/" + Path.GetFileName(d)),
    ];

    private static long Allocated(string file) => long.Parse(Run("stat", "-c", "%b", file)) * 512;

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(HostProgram.Find(program)!, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
