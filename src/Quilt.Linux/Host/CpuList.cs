using System.Globalization;
using System.Text;

namespace Quilt.Linux;

/// <summary>Numbers of CPUs as the kernel writes them: <c>0-3,8</c> (cpuset(7), 'List format').</summary>
public static class CpuList
{
    private const int MostCpus = 8192;

    /// <returns>In order, each once; null where it is no list.</returns>
    public static IReadOnlyList<int>? TryParse(string text)
    {
        SortedSet<int> cpus = [];
        foreach (string part in string.IsNullOrWhiteSpace(text) ? [] : text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last) || first > last)
            {
                return null;
            }

            cpus.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return [.. cpus];
    }

    /// <summary>Those that this machine runs on.</summary>
    public static string OfMachine() => File.ReadAllText("/sys/devices/system/cpu/online").Trim();

    /// <summary>Those that it may ever have: a cpuset of them follows as CPUs come and go.</summary>
    public static string Possible() => File.ReadAllText("/sys/devices/system/cpu/possible").Trim();

    /// <summary>As <see cref="Possible"/>, of the nodes of memory.</summary>
    public static string PossibleNodes() => Sys.TryReadFile("/sys/devices/system/node/possible") is { } nodes ? Encoding.ASCII.GetString(nodes).Trim() : "0";

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < MostCpus;
}
