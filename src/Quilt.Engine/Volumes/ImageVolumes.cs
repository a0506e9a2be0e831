using Quilt.Core;
using Quilt.Images;

namespace Quilt.Engine;

/// <summary>The volumes that an image declares: each is a folder of the container's own, outside its writable layer.</summary>
/// <seealso href="https://docs.docker.com/reference/dockerfile/#volume"/>
internal static class ImageVolumes
{
    // Of one image; Docker's own have a handful at most.
    private const int Most = 100;

    /// <param name="taken">Where something else is asked for: that is there instead.</param>
    /// <returns>Their paths in the container: absolute, without a dot in them.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: one is where no volume can be, or there are too many.</exception>
    internal static IReadOnlyList<string> Of(ImageConfig image, IReadOnlyList<string> taken)
    {
        if (image.Volumes.Count > Most)
        {
            throw Unusable($"{image.Volumes.Count} volumes");
        }

        HashSet<string> covered = [.. taken.Select(Clean)];
        return [.. image.Volumes.Select(Checked).Distinct(StringComparer.Ordinal).Where(p => !covered.Contains(p)).Order(StringComparer.Ordinal)];
    }

    private static string Checked(string declared)
    {
        string path = Clean(declared);
        bool isOurs = path == "/" || ((string[])["/proc", "/sys", "/dev"]).Any(own => PathText.IsWithin(path, own));
        return isOurs || path.Contains('\0', StringComparison.Ordinal) ? throw Unusable($"a volume at '{Text.Printable(declared)}'") : path;
    }

    /// <summary>As it is written: what links make of it the container's root tells.</summary>
    internal static string Clean(string path)
    {
        List<string> names = [];
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(n => n != "."))
        {
            if (name != "..")
            {
                names.Add(name);
            }
            else if (names.Count > 0)
            {
                names.RemoveAt(names.Count - 1);
            }
        }

        return "/" + string.Join('/', names);
    }

    private static QuiltException Unusable(string what) =>
        new(ErrorCode.FailedPrecondition, $"the image declares {what}, which no container can have", "use another image, or build it without", "image");
}
