using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;

namespace Quilt.Aria;

/// <summary>Which images a caller may know, use and name, and which registries it may reach. Images belong to the host: the grants alone divide them.</summary>
public static class ImageAccess
{
    private const string Sha256 = "sha256:", UnnamedBuilds = "quilt/build/";
    private const int ShortestDigest = 6;

    /// <summary>Those that are here and that the caller may use.</summary>
    public static IEnumerable<StoredImage> Visible(ContainerEngine engine, Caller caller) => engine.Images.List().Where(i => Allows(caller.Agent, i.Reference));

    internal static bool Allows(Agent agent, ImageReference image) =>
        BuilderOf(image) is { } builder ? agent.IsOperator || agent.Id == builder : agent.Chain.All(a => Allows(a.Config.Grant, image));

    /// <summary>For what an agent builds and gives no name: it is in no grant's names, and nobody's but its own and the operator's.</summary>
    internal static ImageReference UnnamedBuild(Agent agent, string id) => ImageReference.Parse($"{UnnamedBuilds}{(agent.IsOperator ? "operator" : agent.Id)}:{id}");

    /// <exception cref="QuiltException">PermissionDenied: an agent of the chain has no such image.</exception>
    internal static void Require(Agent agent, ImageReference image, string field)
    {
        if (BuilderOf(image) is not null)
        {
            if (!Allows(agent, image))
            {
                throw new QuiltException(ErrorCode.PermissionDenied, $"the image '{image}' is another agent's, which has given it no name", "ask whoever built it to name it (tagImage)", field);
            }

            return;
        }

        foreach (Agent each in agent.Chain.Where(a => !Allows(a.Config.Grant, image)))
        {
            throw each.Outside("images", $"the image '{image}'", field, each.Config.Grant.Images!);
        }
    }

    /// <summary>A name that the caller may give and use.</summary>
    /// <exception cref="QuiltException">InvalidArgument; PermissionDenied.</exception>
    internal static ImageReference Named(Caller caller, string text, string field)
    {
        ImageReference reference = ImageReference.Parse(text, field);
        Require(caller.Agent, reference, field);
        return reference;
    }

    /// <summary>A name for an image that is to be made.</summary>
    /// <exception cref="QuiltException">InvalidArgument: it has a digest, or is the embedded image's; PermissionDenied.</exception>
    internal static ImageReference ToBeNamed(Caller caller, string text, string field)
    {
        ImageReference reference = ImageReference.Parse(text, field);
        RequireToBeNamed(caller, reference, field);
        return reference;
    }

    /// <exception cref="QuiltException">As <see cref="ToBeNamed"/>.</exception>
    internal static void RequireToBeNamed(Caller caller, ImageReference reference, string field)
    {
        Require(caller.Agent, reference, field);
        if (reference.Digest is not null)
        {
            throw QuiltException.Invalid(field, $"'{reference}' has a digest, which an image has by its content", "give a name and a tag");
        }

        if (reference.Repository == ImageStore.Embedded.Repository)
        {
            throw QuiltException.Invalid(field, $"'{reference}' is the embedded image's name", "give another name");
        }
    }

    /// <summary>One that is here: by a name, or by its digest or the beginning of that.</summary>
    /// <exception cref="QuiltException">InvalidArgument; PermissionDenied; NotFound.</exception>
    internal static StoredImage Find(ContainerEngine engine, Caller caller, string text, string field)
    {
        // A name may read like the beginning of a digest: names go first.
        StoredImage? named = ImageReference.TryParse(text, out ImageReference reference) ? engine.Images.TryFind(reference) : null;
        if (named is null && ByDigest(engine, caller, text, field) is { } image)
        {
            return image;
        }

        reference = Named(caller, text, field);
        return named ?? throw new QuiltException(ErrorCode.NotFound, $"there is no image '{reference}' here", "list the images for their names, or pull it", field);
    }

    /// <exception cref="QuiltException">PermissionDenied; InvalidArgument: Quilt's own images are in no registry.</exception>
    internal static void RequireRegistry(Agent agent, ImageReference image, string field) => RequireRegistry(
        agent, image.Domain ?? throw QuiltException.Invalid(field, $"'{image}' is Quilt's own and in no registry", "give the registry too, such as docker.io/team/app or registry.example:5000/app"), field);

    /// <exception cref="QuiltException">PermissionDenied.</exception>
    internal static void RequireRegistry(Agent agent, string registry, string field)
    {
        foreach (Agent each in agent.Chain.Where(a => !a.Config.Grant.Registries.Any(p => Pattern.Matches(p, registry))))
        {
            throw each.Outside("registries", $"the registry '{registry}'", field, each.Config.Grant.Registries);
        }
    }

    private static string? BuilderOf(ImageReference image) => image.Repository.StartsWith(UnnamedBuilds, StringComparison.Ordinal) ? image.Repository[UnnamedBuilds.Length..] : null;

    private static StoredImage? ByDigest(ContainerEngine engine, Caller caller, string text, string field)
    {
        string digits = text.StartsWith(Sha256, StringComparison.Ordinal) ? text[Sha256.Length..] : text;
        if (digits.Length < ShortestDigest || digits.AsSpan().ContainsAnyExcept("0123456789abcdef"))
        {
            return null;
        }

        StoredImage[] meant = [.. Visible(engine, caller).Where(i => i.Digest.Hex.StartsWith(digits, StringComparison.Ordinal)).DistinctBy(i => i.Digest)];
        return meant.Length <= 1
            ? meant.FirstOrDefault()
            : throw QuiltException.Invalid(field, $"'{text}' is the beginning of {meant.Length} images' digests", "give more digits");
    }

    private static bool Allows(Grant grant, ImageReference image) => grant.Images is not { } images || images.Any(p => Matches(p, image));

    /// <summary>By the whole name, by the repository, or where a pattern without a tag names it.</summary>
    internal static bool Matches(string pattern, ImageReference image) =>
        Pattern.Matches(pattern, image.ToString()) || Pattern.Matches(pattern, image.Canonical) || Pattern.Matches(pattern, image.Repository)
        || (!pattern.Contains('*', StringComparison.Ordinal) && ImageReference.TryParse(pattern, out ImageReference named) && named.Repository == image.Repository && (named.Tag == image.Tag || !pattern.Contains(':', StringComparison.Ordinal)));
}
