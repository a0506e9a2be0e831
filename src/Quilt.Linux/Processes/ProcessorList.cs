using System.Globalization;

namespace Quilt.Linux;

/// <summary>Processors as cpusets and the runtime spec write them: <c>0-3,7</c>.</summary>
public static class ProcessorList
{
    private const int Most = 1024;

    /// <summary>False for anything but numbers and ranges, below 1024.</summary>
    public static bool TryParse(string text, out SortedSet<int> processors)
    {
        processors = [];
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Trim().Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last) || last < first)
            {
                return false;
            }

            processors.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return true;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < Most;
}
