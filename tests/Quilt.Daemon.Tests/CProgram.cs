using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests;

/// <summary>Programs for containers that need no library.</summary>
internal static class CProgram
{
    /// <param name="source">Beside the tests.</param>
    /// <param name="program">The path that it gets.</param>
    internal static async Task BuildAsync(string source, string program)
    {
        ProgramRun built = await ProgramRun.OfAsync("gcc", "-static", "-O1", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-o", program, Path.Combine(AppContext.BaseDirectory, source));
        Assert.True(built.ExitCode == 0, built.ToString());
    }
}
