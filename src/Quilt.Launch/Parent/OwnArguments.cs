using System.Globalization;

namespace Quilt.Launch.Parent;

/// <summary>Where this process's command line lies in its memory.</summary>
internal static class OwnArguments
{
    private static (nint Start, nint End)? s_area;

    /// <summary>arg_start and arg_end, fields 48 and 49 of /proc/self/stat (proc_pid_stat(5)); zeros where they are hidden.</summary>
    internal static (nint Start, nint End) Area => s_area ??= Read();

    private static (nint Start, nint End) Read()
    {
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        const int firstField = 3, argStart = 48, argEnd = 49;
        return fields.Length > argEnd - firstField
            ? (nint.Parse(fields[argStart - firstField], CultureInfo.InvariantCulture), nint.Parse(fields[argEnd - firstField], CultureInfo.InvariantCulture))
            : (0, 0);
    }
}
