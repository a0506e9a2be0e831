using Quilt.Core;
using Quilt.Linux;
using Quilt.Storage;

namespace Quilt.Engine;

/// <summary>Where volumes are: a folder where there is no limit, a file system in a file where there is one (<see cref="DiskImages"/>), which may lie in memory.</summary>
internal sealed class VolumeFiles
{
    private const uint OwnerOnly = 0x1C0, UsualFolder = 0x1ED; // 0700, 0755
    private readonly string _folder, _prefix;
    private readonly string? _memory;
    private readonly DiskImages _disks;
    private readonly Trash _trash;
    private readonly Lock _making = new();

    internal VolumeFiles(EngineOptions options, string instance, DiskImages disks, Trash trash)
    {
        (_folder, _memory, _disks, _trash) = (Path.Combine(options.StateDir, "volumes"), MemoryFolder.TryFind(options.RunDir), disks, trash);
        _prefix = $"quilt-volume-{instance}-"; // others of the host use the same memory
        Sys.MakeDirectory(_folder, OwnerOnly);
    }

    /// <exception cref="QuiltException">ResourceExhausted; FailedPrecondition: the host lacks something. Nothing is left.</exception>
    internal void Make(Volume volume)
    {
        try
        {
            if (volume.HasDisk)
            {
                Sys.MakeDirectory(FolderOf(volume), OwnerOnly);
                _disks.Make(ImageOf(volume), volume.SizeBytes);
                DiskImages.Mount(ImageOf(volume)).Dispose(); // whatever is missing is told now, not when it is to be used
            }
            else
            {
                Sys.MakeDirectory(FolderOf(volume), OwnerOnly);
                Sys.MakeDirectory(DataOf(volume), UsualFolder);
                using FileDescriptor data = Sys.Open(DataOf(volume), OpenMode.ReadOnly | OpenMode.Directory);
                Sys.SetPermissions(data, UsualFolder); // whatever our umask
            }
        }
        catch (Exception e)
        {
            Throw(volume);
            if (DiskFull.Is(e))
            {
                throw Database.DiskFull(e);
            }

            throw;
        }
    }

    /// <summary>One that was in memory when the host went down is made anew.</summary>
    /// <returns>A detached mount, by the volume's own ids.</returns>
    internal FileDescriptor Mount(Volume volume)
    {
        FileDescriptor mount = volume.HasDisk ? MountDisk(volume) : Sys.OpenTreeClone(DataOf(volume), recursive: false);
        try
        {
            Sys.MountSetAttributes(mount, MountAttribute.NoSuid | MountAttribute.NoDev, 0, MountAttribute.Private);
            return mount;
        }
        catch
        {
            mount.Dispose();
            throw;
        }
    }

    /// <summary>Its folder, as the shims see it too; null where it is a file system of its own.</summary>
    internal string? FolderForShims(Volume volume) => volume.HasDisk ? null : DataOf(volume);

    internal long UsedBytes(Volume volume, CancellationToken cancellation)
    {
        if (!volume.HasDisk)
        {
            return FolderSize.Of(DataOf(volume), cancellation);
        }

        using FileDescriptor mount = MountDisk(volume);
        return DiskSpace.Of(mount).UsedBytes;
    }

    /// <summary>However much is in it, and however little the host has left: deleted it is while nobody waits.</summary>
    internal void Throw(Volume volume)
    {
        RemoveFromMemory(volume);
        _ = _trash.Throw(FolderOf(volume));
    }

    private void RemoveFromMemory(Volume volume)
    {
        if (volume.InMemory && _memory is not null)
        {
            File.Delete(ImageOf(volume));
        }
    }

    /// <summary>What a daemon left that died while it made or removed one.</summary>
    /// <returns>Their ids.</returns>
    internal IReadOnlyList<string> ThrowStrangers(IReadOnlySet<string> known)
    {
        string[] strange = [.. Directory.EnumerateDirectories(_folder).Select(f => Path.GetFileName(f)!).Where(id => !known.Contains(id))];
        foreach (string id in strange)
        {
            _ = _trash.Throw(Path.Combine(_folder, id));
        }

        foreach (string image in _memory is null ? [] : Directory.EnumerateFiles(_memory, _prefix + "*").Where(f => !known.Contains(Path.GetFileNameWithoutExtension(f)[_prefix.Length..])))
        {
            File.Delete(image);
        }

        return strange;
    }

    private FileDescriptor MountDisk(Volume volume)
    {
        if (volume.InMemory)
        {
            lock (_making)
            {
                if (!File.Exists(ImageOf(volume)))
                {
                    _disks.Make(ImageOf(volume), volume.SizeBytes);
                }
            }
        }

        return DiskImages.Mount(ImageOf(volume));
    }

    private string FolderOf(Volume volume) => Path.Combine(_folder, volume.Id);

    private string DataOf(Volume volume) => Path.Combine(FolderOf(volume), "data");

    private string ImageOf(Volume volume) => !volume.InMemory
        ? Path.Combine(FolderOf(volume), "disk.img")
        : Path.Combine(_memory ?? throw new QuiltException(ErrorCode.FailedPrecondition, "there is no file system in memory for a volume", "mount a tmpfs on " + MemoryFolder.Usual + ", or give quiltd a --run-dir on one", "type"), _prefix + volume.Id + ".img");
}
