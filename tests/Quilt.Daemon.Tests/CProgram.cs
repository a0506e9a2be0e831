using System.Diagnostics;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Programs for containers that need no library.</summary>
internal static class CProgram
{
    /// <param name="source">Beside the tests.</param>
    /// <param name="program">The path that it gets.</param>
    internal static async Task BuildAsync(string source, string program)
    {
        using Process compiler = Process.Start("gcc", ["-static", "-O1", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-o", program, Path.Combine(AppContext.BaseDirectory, source)]);
        await compiler.WaitForExitAsync(Cancellation);
        Assert.Equal(0, compiler.ExitCode);
    }
}
