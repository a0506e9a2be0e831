using System.Globalization;
using System.Text;

namespace Quilt.Linux;

/// <summary>The disks of this machine, as control groups name them: by number, and whole, never a part (Documentation/admin-guide/cgroup-v2.rst, 'io.max').</summary>
public static class BlockDevices
{
    /// <param name="device"><c>8:0</c>, or the kernel's name such as <c>sda</c>.</param>
    /// <returns>The number of the whole disk; null where the machine has no such device.</returns>
    public static (long Major, long Minor)? TryFind(string device)
    {
        if (device.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_") || device.Length == 0)
        {
            return null;
        }

        string folder = device.Contains(':', StringComparison.Ordinal) ? $"/sys/dev/block/{device}" : $"/sys/class/block/{device}";

        // By the kernel's own walk: the folder is a link, and '..' is where it leads.
        string dev = Sys.Exists($"{folder}/partition") ? $"{folder}/../dev" : $"{folder}/dev";
        return Sys.TryReadFile(dev) is { } number && Encoding.UTF8.GetString(number).Trim().Split(':') is [var major, var minor] ? (long.Parse(major, CultureInfo.InvariantCulture), long.Parse(minor, CultureInfo.InvariantCulture)) : null;
    }

    /// <returns>The disk that a folder is on; null where it is on none of its own, such as in memory or over the network.</returns>
    public static (long Major, long Minor)? TryFindOf(string folder)
    {
        DeviceNumber? device = Sys.TryStatus(folder)?.Device;
        return device is { Major: not 0 } ? TryFind(device.Value.ToString()) : null;
    }

    /// <summary>The kernel's names.</summary>
    public static IReadOnlyList<string> All() => Directory.Exists("/sys/block") ? [.. Directory.EnumerateFileSystemEntries("/sys/block").Select(Path.GetFileName).OfType<string>().Order()] : [];
}
