using System.Globalization;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>Which of an index's images is the one for a platform.</summary>
public static class PlatformSelection
{
    private const int MostNamed = 20;

    /// <summary>The first of those that fit best; null where none does.</summary>
    public static Descriptor? Choose(IEnumerable<Descriptor> manifests, Platform wanted) =>
        manifests.Where(m => m.Platform is not null && MediaTypes.IsManifest(m.MediaType))
            .Select(m => (Manifest: m, Fit: Fit(wanted, m.Platform!)))
            .Where(m => m.Fit >= 0)
            .OrderByDescending(m => m.Fit) // is stable
            .Select(m => m.Manifest)
            .FirstOrDefault();

    /// <summary>What is given runs where the other is wanted.</summary>
    public static bool Fits(Platform wanted, Platform given) => Fit(wanted, given) >= 0;

    /// <summary>What an image says that it is for.</summary>
    public static Platform Of(ImageDocument document) => new() { Os = document.Os, Architecture = document.Architecture, Variant = document.Variant };

    public static QuiltException NoneFits(string image, Platform wanted, IEnumerable<Platform> exist)
    {
        // What only describes other manifests says that it is for unknown/unknown.
        string[] names = [.. exist.Where(p => p.Os is not ("" or "unknown")).Select(p => Text.Printable(PlatformName.Format(p))).Distinct()];
        string shown = names.Length == 0 ? "none" : string.Join(", ", names.Take(MostNamed)) + (names.Length > MostNamed ? ", …" : "");
        return QuiltException.Invalid("platform", $"the image {image} is not there for {PlatformName.Format(wanted)}; it is for {shown}", "choose one of these platforms, or another image");
    }

    /// <summary>Below 0: it would not run. Above, more is better: what has a variant runs on those above it too.</summary>
    private static int Fit(Platform wanted, Platform given)
    {
        (wanted, given) = (PlatformName.Normalize(wanted), PlatformName.Normalize(given));
        if (wanted.Os != given.Os || wanted.Architecture != given.Architecture)
        {
            return -1;
        }

        if (wanted.Variant == given.Variant)
        {
            return int.MaxValue;
        }

        int most = Level(wanted), least = Level(given);
        return most >= 0 && least >= 0 && least <= most ? least : -1;
    }

    /// <summary>The variant as a number, 8.1 as 801; below 0 where it is none.</summary>
    private static int Level(Platform platform)
    {
        string variant = platform.Variant ?? platform.Architecture switch { "arm64" => "v8", "amd64" => "v1", _ => "" };
        return variant.StartsWith('v') && decimal.TryParse(variant.AsSpan(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal level) && level < 1000
            ? (int)(level * 100)
            : -1;
    }
}
