using System.Globalization;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>
/// Whether a grant says more than the one it is made from. Nothing is won by it, as both have to allow whatever is done; but who
/// delegates shall hear at once that a part of it would be worth nothing.
/// </summary>
internal static class Attenuation
{
    /// <exception cref="QuiltException">PermissionDenied: it would; the field says where.</exception>
    internal static void Check(Grant child, Grant parent)
    {
        foreach (ToolScope scope in child.Tools.Scopes.Where(s => !parent.Tools.Scopes.Contains(s)))
        {
            throw Beyond("tools.scopes", Lower(scope), string.Join(", ", parent.Tools.Scopes.Select(Lower)));
        }

        if (child.Tools.Level > parent.Tools.Level)
        {
            throw Beyond("tools.level", Lower(child.Tools.Level), Lower(parent.Tools.Level));
        }

        Covered("tools.allow", child.Tools.Allow, parent.Tools.Allow);
        Limits(child.Limits, parent.Limits);
        Covered("images", child.Images, parent.Images);
        Covered("registries", child.Registries, parent.Registries);
        Covered("secrets", child.Secrets, parent.Secrets);
        Covered("capabilities", child.Capabilities, parent.Capabilities);
        Covered("egress", child.Egress, parent.Egress, EgressPattern.Covers);
        foreach (HostPathGrant path in child.HostPaths.Where(c => !parent.HostPaths.Any(p => p.Covers(c))))
        {
            throw Beyond("hostPaths", path.Path + (path.ReadOnly ? "" : " (to be written)"), string.Join(", ", parent.HostPaths.Select(p => p.Path)));
        }

        foreach (PortGrant ports in child.Ports.Where(c => !parent.Ports.Any(p => p.Covers(c))))
        {
            throw Beyond("ports", $"{ports.From}-{ports.To}", string.Join(", ", parent.Ports.Select(p => $"{p.From}-{p.To}")));
        }
    }

    private static void Limits(AgentLimits child, AgentLimits parent)
    {
        foreach (((string name, double? own), (_, double? above)) in child.All.Zip(parent.All))
        {
            if (own > above)
            {
                throw Beyond($"limits.{name}", Text(own.Value), Text(above.Value));
            }
        }
    }

    /// <param name="wide">Null: everything.</param>
    private static void Covered(string field, IReadOnlyList<string>? narrow, IReadOnlyList<string>? wide, Func<string, string, bool>? covers = null)
    {
        covers ??= Pattern.Covers;
        if (wide is not null && narrow?.FirstOrDefault(n => !wide.Any(w => covers(w, n))) is { } beyond)
        {
            throw Beyond(field, beyond, string.Join(", ", wide));
        }
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static QuiltException Beyond(string field, string asked, string had) => new(
        ErrorCode.PermissionDenied, $"{field}: '{asked}' is beyond what is had: {(had.Length > 0 ? had : "nothing")}", "delegate no more than what the delegating agent has itself", field);
}
