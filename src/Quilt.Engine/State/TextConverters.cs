using Quilt.Core;
using Quilt.Images;
using Quilt.Storage;

namespace Quilt.Engine;

internal sealed class ContainerIdConverter() : TextConverter<ContainerId>(ContainerId.Parse, id => id.Value);

internal sealed class ContainerNameConverter() : TextConverter<ContainerName>(text => ContainerName.Parse(text), name => name.Value);

internal sealed class ImageReferenceConverter() : TextConverter<ImageReference>(text => ImageReference.Parse(text), reference => reference.Canonical);

internal sealed class DigestConverter() : TextConverter<Digest>(Digest.Parse, digest => digest.ToString());
