using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Where our other programs are: beside quiltd.</summary>
internal static class OurPrograms
{
    /// <exception cref="QuiltException">It is not there.</exception>
    internal static string Shim()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "quilt-shim");
        return File.Exists(path)
            ? path
            : throw new QuiltException(ErrorCode.FailedPrecondition, $"quilt-shim is not beside quiltd ({AppContext.BaseDirectory})", "install it there, or give its path with --shim");
    }

    /// <summary>Where it is missing, the cognitive tools say so.</summary>
    internal static string Cognition => Path.Combine(AppContext.BaseDirectory, "quilt-cognition");
}
