using System.Globalization;
using System.Net;
using Quilt.Network;

namespace Quilt.Aria;

/// <summary>
/// Where connections may lead outside, as a grant has it: <c>*</c> is everywhere but the host, a name or a <c>*.</c> name, an address range in
/// CIDR form, <c>host:PORT</c> or <c>host:*</c>.
/// </summary>
internal static class EgressPattern
{
    private const string Everywhere = "*", HostPrefix = "host:";

    /// <param name="port">On which.</param>
    internal static bool Allows(string pattern, EdgeTarget target, int port) => Covers(pattern, TextOf(target, port));

    /// <summary>Wherever the narrow one leads, the wide one leads too.</summary>
    internal static bool Covers(string wide, string narrow)
    {
        if (wide.StartsWith(HostPrefix, StringComparison.Ordinal) || narrow.StartsWith(HostPrefix, StringComparison.Ordinal))
        {
            return Pattern.Covers(wide, narrow) && wide != Everywhere;
        }

        (IPNetwork? range, IPNetwork? within) = (RangeOf(wide), RangeOf(narrow));
        if (range is not null || within is not null)
        {
            return wide == Everywhere || (range is { } r && within is { } w && w.PrefixLength >= r.PrefixLength && r.Contains(w.BaseAddress));
        }

        return Pattern.Covers(wide.ToLowerInvariant(), narrow.ToLowerInvariant());
    }

    internal static bool IsValid(string pattern) => pattern.StartsWith(HostPrefix, StringComparison.Ordinal)
        ? pattern[HostPrefix.Length..] is var port && (port == Everywhere || ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number > 0)
        : pattern == Everywhere || RangeOf(pattern) is not null || !pattern.AsSpan().ContainsAny(":/ ");

    /// <summary>Null where it is a name.</summary>
    private static IPNetwork? RangeOf(string text) => IPNetwork.TryParse(text, out IPNetwork range) ? range
        : IPAddress.TryParse(text, out IPAddress? address) ? address.Alone
        : null;

    private static string TextOf(EdgeTarget target, int port) => target switch
    {
        EdgeTarget.Host => $"{HostPrefix}{port}",
        EdgeTarget.Range range => range.Network.ToString(),
        EdgeTarget.Name name => name.Pattern,
        _ => throw new ArgumentException($"'{target}' does not lead outside", nameof(target)),
    };
}
