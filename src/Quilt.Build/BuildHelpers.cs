namespace Quilt.Build;

/// <summary>Who does for a build what it does not do itself, as far as it is granted to whoever builds.</summary>
/// <param name="Remote">Null where ADD may bring in nothing from elsewhere.</param>
public sealed record BuildHelpers(IStepRunner Runner, IBaseImages Images, IRemoteSources? Remote);
