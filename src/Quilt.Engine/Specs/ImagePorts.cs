using System.Globalization;
using Quilt.Images;

namespace Quilt.Engine;

/// <summary>The ports that an image says it listens on: information, as Docker's EXPOSE is. What is no port is left out.</summary>
internal static class ImagePorts
{
    private const int Most = 256;

    /// <returns>Such as <c>80/tcp</c>.</returns>
    internal static IReadOnlyList<string> Of(ImageConfig image) =>
        [.. image.ExposedPorts.Select(Port).OfType<(ushort Number, string Protocol)>().Distinct().Take(Most).Order().Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Number}/{p.Protocol}"))];

    private static (ushort Number, string Protocol)? Port(string text) => text.Split('/') switch
    {
        [var number] when TryNumber(number, out ushort port) => (port, "tcp"),
        [var number, "tcp" or "udp" or "sctp"] when TryNumber(number, out ushort port) => (port, text[(number.Length + 1)..]),
        _ => null,
    };

    private static bool TryNumber(string text, out ushort port) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port > 0;
}
