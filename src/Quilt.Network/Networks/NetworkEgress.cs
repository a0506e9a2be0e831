using System.Globalization;

namespace Quilt.Network;

/// <summary>Where all members of a network may go outside (TCP).</summary>
/// <param name="To">No container and no network.</param>
public sealed record NetworkEgress(EdgeTarget To, ushort Port)
{
    /// <summary>As it is kept.</summary>
    public string Text => $"{To.Text}:{Port.ToString(CultureInfo.InvariantCulture)}";

    internal static NetworkEgress Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        return new NetworkEgress(EdgeTarget.Parse(text[..colon]), ushort.Parse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
