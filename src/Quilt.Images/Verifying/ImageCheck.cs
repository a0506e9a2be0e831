using Quilt.Core;

namespace Quilt.Images;

/// <summary>What a look at all of an image's bytes found.</summary>
/// <param name="Damages">None where it is sound.</param>
public sealed record ImageCheck(ImageReference Reference, Digest Manifest, IReadOnlyList<ImageDamage> Damages);

/// <summary>Something of an image is not what it has to be.</summary>
/// <param name="What">The digest of a blob, or the chain id of a layer.</param>
/// <param name="Problem">For a person: the path at fault, where it is one.</param>
public sealed record ImageDamage(Digest What, string Problem);
