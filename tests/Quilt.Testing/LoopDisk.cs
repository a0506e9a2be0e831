using Quilt.Linux;
using Xunit;

namespace Quilt.Testing;

/// <summary>A file system of a kind that the machine's own folders need not have, in a sparse file on a loop device.</summary>
public sealed class LoopDisk : IDisposable
{
    private readonly TemporaryFolder _folder;

    private LoopDisk(TemporaryFolder folder, string path) => (_folder, Path) = (folder, path);

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>Makes one; the test is skipped where the host has no program to make it or no kernel to mount it.</summary>
    /// <param name="kind"><c>xfs</c>, <c>btrfs</c>.</param>
    public static async Task<LoopDisk> MakeAsync(string kind)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "to mount a file system needs root");
        string? make = HostProgram.Find($"mkfs.{kind}");
        Assert.SkipWhen(make is null, $"there is no mkfs.{kind} here; ./setup.sh installs it");
        TemporaryFolder folder = new();
        try
        {
            string image = folder["image"], path = Directory.CreateDirectory(folder["disk"]).FullName;
            using (FileStream file = File.Create(image))
            {
                file.SetLength(1L << 30); // mkfs.xfs makes none below 300 MB
            }

            ProgramRun made = await ProgramRun.OfAsync(make!, "-q", image);
            Assert.True(made.ExitCode == 0, $"mkfs.{kind} {made}");
            ProgramRun mounted = await ProgramRun.OfAsync("mount", "-t", kind, "-o", "loop", image, path);
            Assert.SkipWhen(mounted.Errors.Contains("unknown filesystem type", StringComparison.Ordinal), $"this kernel has no {kind}");
            Assert.True(mounted.ExitCode == 0, $"mount {mounted}");
            return new LoopDisk(folder, path);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>What is in use once all that was written has its place.</summary>
    public long UsedBytes()
    {
        using (FileDescriptor root = Sys.Open(Path, OpenMode.ReadOnly | OpenMode.Directory))
        {
            Sys.SynchronizeFilesystem(root, Path);
        }

        DriveInfo drive = new(Path);
        return drive.TotalSize - drive.TotalFreeSpace;
    }

    public void Dispose()
    {
        Sys.Unmount(Path, lazily: true); // the device goes with the mount
        _folder.Dispose();
    }
}
