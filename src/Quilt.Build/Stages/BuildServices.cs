using Quilt.Images;

namespace Quilt.Build;

/// <summary>What builds of one builder share.</summary>
/// <param name="Remote">Null where none is granted.</param>
internal sealed record BuildServices(
    ImageStore Store, IStepRunner Runner, IBaseImages Images, IRemoteSources? Remote, StepCache Steps, CacheMounts Mounts, TimeProvider Time);
