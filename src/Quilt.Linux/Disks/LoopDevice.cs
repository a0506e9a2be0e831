using System.Globalization;
using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>A block device that is a file. It goes by itself with whoever uses it last, however that ends (LO_FLAGS_AUTOCLEAR).</summary>
/// <seealso href="https://man7.org/linux/man-pages/man4/loop.4.html"/>
public sealed unsafe class LoopDevice : IDisposable
{
    private const nuint Configure = 0x4C0A, GetStatus = 0x4C05, SetCapacity = 0x4C07, GetFree = 0x4C82;
    private const string Control = "/dev/loop-control";
    private const uint AutoClear = 4, DirectIo = 16;

    // Others of the host look for a free one at the same time.
    private const int Tries = 64;
    private const uint SectorBytes = 4096;
    private readonly FileDescriptor _device;

    private LoopDevice(int number, FileDescriptor device) => (Path, _device) = (PathOf(number), device);

    public string Path { get; }

    /// <summary>The device that is an open file already, whoever made it so.</summary>
    public static LoopDevice? TryFind(FileDescriptor file, string path)
    {
        FileStatus wanted = Sys.Status(file);
        string name = $"{System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(path))}/{System.IO.Path.GetFileName(path)}";
        foreach (string folder in Directory.EnumerateDirectories("/sys/block", "loop*"))
        {
            // By name, so that not every device of the host is opened; what decides is the file itself.
            if (Sys.TryReadFile($"{folder}/loop/backing_file") is not { } backing || !System.Text.Encoding.UTF8.GetString(backing).Contains(name, StringComparison.Ordinal))
            {
                continue;
            }

            int number = int.Parse(System.IO.Path.GetFileName(folder).AsSpan("loop".Length), CultureInfo.InvariantCulture);
            FileDescriptor? device = TryOpen(PathOf(number));
            if (device is not null && TryStatus(device) is { } status && status.Inode == wanted.Inode && status.Device == KernelNumber(wanted.Device))
            {
                return new LoopDevice(number, device);
            }

            device?.Dispose();
        }

        return null;
    }

    /// <summary>Makes a device of a file that none is of.</summary>
    /// <param name="file">Open to be read and written.</param>
    /// <exception cref="SyscallException">ENOENT: the kernel has no loop devices; ENOSPC: no number is left.</exception>
    public static LoopDevice Make(FileDescriptor file)
    {
        using FileDescriptor control = Sys.Open(Control, OpenMode.ReadWrite);
        for (int attempt = 1; ; attempt++)
        {
            int number = (int)Check(LibC.ioctl(control.Number, GetFree, null), "LOOP_CTL_GET_FREE", Control);
            FileDescriptor device = Sys.Open(PathOf(number), OpenMode.ReadWrite);
            LoopConfiguration configuration = new() { File = (uint)file.Number, BlockSize = SectorBytes };
            configuration.Status.Flags = AutoClear | DirectIo;
            if (LibC.ioctl(device.Number, Configure, &configuration) >= 0)
            {
                return new LoopDevice(number, device);
            }

            Errno errno = (Errno)Marshal.GetLastPInvokeError();
            device.Dispose();
            if (errno != Errno.EBUSY || attempt == Tries)
            {
                throw new SyscallException("LOOP_CONFIGURE", PathOf(number), errno);
            }
        }
    }

    /// <summary>Takes up that its file has become longer.</summary>
    public void TakeUpSize() => Check(LibC.ioctl(_device.Number, SetCapacity, null), "LOOP_SET_CAPACITY", Path);

    /// <summary>Lets go of it: what is mounted of it stays.</summary>
    public void Dispose() => _device.Dispose();

    private static string PathOf(int number) => string.Create(CultureInfo.InvariantCulture, $"/dev/loop{number}");

    private static FileDescriptor? TryOpen(string path)
    {
        try
        {
            return Sys.TryOpen(path, OpenMode.ReadWrite);
        }
        catch (SyscallException e) when (e.Errno == Errno.ENXIO)
        {
            return null; // it is just going
        }
    }

    private static LoopStatus? TryStatus(FileDescriptor device)
    {
        LoopStatus status;
        return LibC.ioctl(device.Number, GetStatus, &status) < 0 ? null : status;
    }

    // As the kernel encodes a device number for programs (new_encode_dev).
    private static ulong KernelNumber(DeviceNumber device) => (device.Minor & 0xFF) | ((ulong)device.Major << 8) | ((ulong)(device.Minor & ~0xFFu) << 12);

    private static nint Check(nint result, string call, string subject) => result >= 0 ? result : throw SyscallException.Last(call, subject);

    /// <summary>struct loop_info64 (linux/loop.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct LoopStatus
    {
        internal ulong Device, Inode, BackingDevice, Offset, SizeLimit;
        internal uint Number, EncryptType, EncryptKeySize, Flags;
        internal fixed byte FileName[64], CryptName[64], EncryptKey[32];
        internal fixed ulong Init[2];
    }

    /// <summary>struct loop_config (linux/loop.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct LoopConfiguration
    {
        internal uint File, BlockSize;
        internal LoopStatus Status;
        internal fixed ulong Reserved[8];
    }
}
