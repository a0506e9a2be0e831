using Quilt.Core;

namespace Quilt.OciRuntime.Systemd;

/// <summary>A container's scope and the slice that it is in, as systemd names them (systemd.scope(5), systemd.slice(5)).</summary>
internal sealed record ScopeName
{
    private const string SliceSuffix = ".slice", ScopeSuffix = ".scope", RootSlice = "-.slice", DefaultSlice = "system.slice";
    private const string Form = "SLICE:PREFIX:NAME, such as 'machine.slice:quilt:NAME'; SLICE and PREFIX may be empty";

    /// <summary>What systemd refuses by itself, with less of an explanation.</summary>
    private const int Longest = 255;

    private ScopeName(string slice, string unit) => (Slice, Unit) = (slice, unit);

    internal string Slice { get; }

    /// <summary>The scope's name, with <c>.scope</c>.</summary>
    internal string Unit { get; }

    /// <summary>Where systemd makes its group: a-b.slice is in a.slice.</summary>
    internal string GroupPath
    {
        get
        {
            if (Slice == RootSlice)
            {
                return Unit;
            }

            string[] parts = Slice[..^SliceSuffix.Length].Split('-');
            return string.Concat(parts.Select((_, i) => string.Join('-', parts.Take(i + 1)) + SliceSuffix + "/")) + Unit;
        }
    }

    /// <param name="cgroupsPath">The configuration's SLICE:PREFIX:NAME; null or empty takes the default slice and the container's id.</param>
    /// <exception cref="QuiltException">It is not of that form, or systemd has no such names.</exception>
    internal static ScopeName Parse(string? cgroupsPath, string id)
    {
        string[] parts = string.IsNullOrEmpty(cgroupsPath) ? ["", "quilt", id] : cgroupsPath.Split(':');
        if (parts is not [var slice, var prefix, { Length: > 0 } name])
        {
            throw Invalid($"with --systemd-cgroup '{cgroupsPath}' is not SLICE:PREFIX:NAME", $"give {Form}");
        }

        slice = slice.Length == 0 ? DefaultSlice : slice;
        if (!IsSlice(slice))
        {
            throw Invalid($"'{slice}' is not the name of a slice", "give one such as 'machine.slice', or 'a-b.slice' for one in 'a.slice'");
        }

        string unit = (prefix.Length == 0 ? name : $"{prefix}-{name}") + ScopeSuffix;
        return IsUnit(unit)
            ? new ScopeName(slice, unit)
            : throw Invalid($"'{unit}' is not the name of a scope", $"give {Form}, of letters, digits, '-', '_' and '.'");
    }

    private static bool IsSlice(string slice) =>
        slice == RootSlice
        || (slice.EndsWith(SliceSuffix, StringComparison.Ordinal) && IsUnit(slice) && slice[..^SliceSuffix.Length].Split('-').All(part => part.Length > 0));

    /// <summary>Without ':' and '@', which systemd allows too, but where they mean something.</summary>
    private static bool IsUnit(string unit) =>
        unit.Length <= Longest && unit[0] != '.' && unit.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '\\');

    private static QuiltException Invalid(string message, string remedy) => QuiltException.Invalid("linux.cgroupsPath", message, remedy);
}
