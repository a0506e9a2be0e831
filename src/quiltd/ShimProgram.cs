using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Where quilt-shim is: beside quiltd as installed, or as built.</summary>
internal static class ShimProgram
{
    private static readonly string[] Places = ["quilt-shim", "../../bin/quilt-shim"];

    /// <exception cref="QuiltException">It is nowhere.</exception>
    internal static string Find() =>
        Places.Select(place => Path.GetFullPath(place, AppContext.BaseDirectory)).FirstOrDefault(File.Exists)
        ?? throw new QuiltException(ErrorCode.FailedPrecondition, $"quilt-shim is not beside quiltd ({AppContext.BaseDirectory})", "install it there, or give its path with --shim");
}
