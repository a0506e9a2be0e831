using Quilt.Images;

namespace Quilt.Build;

/// <summary>What builds of one builder share.</summary>
internal sealed record BuildServices(ImageStore Store, StepCache Steps, CacheMounts Mounts, TimeProvider Time);
