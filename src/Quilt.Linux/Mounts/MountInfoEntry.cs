using System.Globalization;
using System.Text;

namespace Quilt.Linux;

/// <summary>One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).</summary>
/// <param name="Root">The folder of the file system that is mounted.</param>
/// <param name="Fields">Propagation, such as <c>shared:2</c> or <c>master:1</c>; none is private.</param>
/// <param name="Source">As the mounter named it; says nothing sure.</param>
public sealed record MountInfoEntry(
    int Id, int ParentId, DeviceNumber Device, string Root, string MountPoint, string Options, IReadOnlyList<string> Fields, string Type, string Source, string SuperOptions)
{
    public bool IsShared => Fields.Any(f => f.StartsWith("shared:", StringComparison.Ordinal));

    /// <summary>The mounts of this process's namespace; each line that we understand.</summary>
    public static IReadOnlyList<MountInfoEntry> OfThisProcess() => Read("/proc/self/mountinfo");

    /// <summary>The mounts that a process sees; none where it has ended.</summary>
    public static IReadOnlyList<MountInfoEntry> Of(int pid)
    {
        try
        {
            return Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/mountinfo"));
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static IReadOnlyList<MountInfoEntry> Read(string file) => [.. File.ReadLines(file).Select(TryParse).OfType<MountInfoEntry>()];

    /// <summary>Null for a line that is none.</summary>
    public static MountInfoEntry? TryParse(string line)
    {
        // 36 35 98:0 /root /mount/point rw,noatime shared:1 ... - ext4 /dev/sda rw
        string[] parts = line.TrimEnd('\n').Split(' ');
        int separator = Array.IndexOf(parts, "-", Math.Min(6, parts.Length));
        if (separator < 0 || parts.Length < separator + 4
            || !TryNumber(parts[0], out int id) || !TryNumber(parts[1], out int parent) || !TryDevice(parts[2], out DeviceNumber device))
        {
            return null;
        }

        return new MountInfoEntry(
            id, parent, device, Unescape(parts[3]), Unescape(parts[4]), parts[5], parts[6..separator],
            Unescape(parts[separator + 1]), Unescape(parts[separator + 2]), Unescape(parts[separator + 3]));
    }

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryDevice(string text, out DeviceNumber device)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        bool valid = uint.TryParse(text.AsSpan(0, Math.Max(colon, 0)), NumberStyles.None, CultureInfo.InvariantCulture, out uint major)
            & uint.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint minor);
        device = new DeviceNumber(major, minor);
        return valid && colon > 0;
    }

    /// <summary>The kernel writes blank, tab, newline, backslash and '#' as <c>\</c> and three octal digits.</summary>
    internal static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && IsOctal(text[i + 1]) && IsOctal(text[i + 2]) && IsOctal(text[i + 3]))
            {
                plain.Append((char)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();

        static bool IsOctal(char c) => c is >= '0' and <= '7';
    }
}
