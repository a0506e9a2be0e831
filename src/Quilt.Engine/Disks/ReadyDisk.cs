using System.Globalization;
using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>
/// One empty disk of the size that a container was last made with, mounted already: to mount a file system for the first time is to wait for the
/// host's disk, and nearly all of what a limit of disk costs at a creation.
/// </summary>
internal sealed class ReadyDisk(DiskImages images, string folder) : IDisposable
{
    private readonly Lock _lock = new();
    private Disk? _ready;
    private Task _making = Task.CompletedTask;
    private bool _ended;

    /// <summary>Gives it away, if there is one of that size.</summary>
    /// <param name="path">Where it is to be; nothing is yet.</param>
    /// <returns>Its mount; whoever mounts it while this is open has the same file system at once. Null: it has to be made.</returns>
    internal FileDescriptor? TryTake(string path, long sizeBytes)
    {
        Disk? taken;
        lock (_lock)
        {
            taken = _ready?.SizeBytes == sizeBytes ? _ready : null;
            _ready = taken is null ? _ready : null;
        }

        try
        {
            if (taken is not null)
            {
                Sys.Rename(taken.Path, path);
            }

            return taken?.Mount;
        }
        catch (SyscallException)
        {
            taken!.Dispose();
            return null;
        }
    }

    /// <summary>Makes the next one beside everything.</summary>
    internal void Prepare(long sizeBytes)
    {
        lock (_lock)
        {
            if (!_ended && _making.IsCompleted && _ready?.SizeBytes != sizeBytes)
            {
                _making = Task.Run(() => Make(sizeBytes));
            }
        }
    }

    public void Dispose()
    {
        Task making;
        lock (_lock)
        {
            _ended = true;
            making = _making;
        }

        making.Wait();
        _ready?.Dispose();
        _ready = null;
    }

    private void Make(long sizeBytes)
    {
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{sizeBytes}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.ready"));
        try
        {
            images.Make(path, sizeBytes);
            Disk made = new(path, sizeBytes, DiskImages.Mount(path));
            Disk? before;
            lock (_lock)
            {
                (before, _ready) = (_ready, made);
            }

            before?.Dispose();
        }
        catch (Exception e) when (e is QuiltException or SyscallException or IOException or UnauthorizedAccessException)
        {
            File.Delete(path); // whoever needs one makes it, and is told what is wrong
        }
    }

    private sealed record Disk(string Path, long SizeBytes, FileDescriptor Mount) : IDisposable
    {
        public void Dispose()
        {
            Mount.Dispose();
            File.Delete(Path);
        }
    }
}
