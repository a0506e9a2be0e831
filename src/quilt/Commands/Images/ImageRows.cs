using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>How images are shown to a person.</summary>
internal static class ImageRows
{
    private const int ShortDigest = 19; // sha256: and twelve digits

    internal static string Size(ToolAnswer bytes) => long.TryParse(bytes.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? new ByteSize(number).ToString() : "";

    internal static string Short(string digest) => digest.Length > ShortDigest ? digest[..ShortDigest] : digest;

    internal static void WriteNames(TextWriter to, IEnumerable<ToolAnswer> images)
    {
        foreach (ToolAnswer image in images)
        {
            to.WriteLine($"{image["reference"].Text}  {image["digest"].Text}");
        }
    }
}
