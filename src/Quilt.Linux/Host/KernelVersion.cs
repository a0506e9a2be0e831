using System.Globalization;

namespace Quilt.Linux;

/// <summary>A kernel's release, as far as it orders: <c>6.1.0-18-amd64</c> is 6.1.0.</summary>
public readonly record struct KernelVersion(int Major, int Minor, int Patch) : IComparable<KernelVersion>
{
    /// <summary>The running one (uname(2)).</summary>
    public static KernelVersion OfHost() =>
        TryParse(File.ReadAllText("/proc/sys/kernel/osrelease")) ?? throw new SyscallException("parse", "osrelease", Errno.EINVAL);

    public static KernelVersion? TryParse(string release)
    {
        int[] numbers = [0, 0, 0];
        int part = 0;
        foreach (Range range in release.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> text = release.AsSpan(range);
            int digits = text.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : text.Length;
            if (!int.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[part]))
            {
                return null;
            }

            part++;
            if (digits < text.Length || part == numbers.Length)
            {
                break;
            }
        }

        return part >= 2 ? new KernelVersion(numbers[0], numbers[1], numbers[2]) : null;
    }

    public int CompareTo(KernelVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public static bool operator <(KernelVersion left, KernelVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(KernelVersion left, KernelVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(KernelVersion left, KernelVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(KernelVersion left, KernelVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Major}.{Minor}.{Patch}";
}
