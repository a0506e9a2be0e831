using System.Globalization;
using Quilt.Core;

namespace Quilt.OciRuntime.Systemd;

/// <summary>The kernel's way to list processors or memory nodes, such as <c>0-3,6</c> (cpuset(7), 'List format').</summary>
internal static class CpuList
{
    /// <summary>More than any kernel is built for (CONFIG_NR_CPUS is at most 8192).</summary>
    private const int Most = 8192;

    /// <summary>Bit n of byte n/8 stands for number n, as systemd has it.</summary>
    /// <exception cref="QuiltException">It is not such a list.</exception>
    internal static byte[] ToMask(string list)
    {
        byte[] mask = [];
        foreach (string part in list.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            int first = Parse(ends[0], list), last = ends.Length == 1 ? first : Parse(ends[1], list);
            if (ends.Length > 2 || last < first)
            {
                throw Invalid(list);
            }

            Array.Resize(ref mask, Math.Max(mask.Length, (last / 8) + 1));
            for (int number = first; number <= last; number++)
            {
                mask[number / 8] |= (byte)(1 << (number % 8));
            }
        }

        return mask;
    }

    private static int Parse(string text, string list) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < Most ? number : throw Invalid(list);

    private static QuiltException Invalid(string list) =>
        QuiltException.Invalid("linux.resources.cpu", $"'{list}' is not a list of processors or memory nodes", "give one such as '0-3,6'");
}
