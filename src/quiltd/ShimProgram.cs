using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Where quilt-shim is: beside quiltd.</summary>
internal static class ShimProgram
{
    /// <exception cref="QuiltException">It is not there.</exception>
    internal static string Find()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "quilt-shim");
        return File.Exists(path)
            ? path
            : throw new QuiltException(ErrorCode.FailedPrecondition, $"quilt-shim is not beside quiltd ({AppContext.BaseDirectory})", "install it there, or give its path with --shim");
    }
}
