using Quilt.Core;

namespace Quilt.Aria;

internal static class GrantRefusal
{
    /// <summary>What a grant does not cover.</summary>
    /// <param name="rule">The part of the grant that would have to allow it.</param>
    internal static QuiltException Outside(this Agent agent, string rule, string what, string field, IReadOnlyList<string> granted) => new(
        ErrorCode.PermissionDenied, $"{what} is outside the grant of '{agent}' ({rule}: {(granted.Count > 0 ? string.Join(", ", granted) : "none")})", "use what is granted, or ask for a wider grant", field);
}
