using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>The attacker's programs: C, so that they make the very system calls they mean; static, so that they run in any image.</summary>
internal static class HostileProgram
{
    /// <summary>Builds <c>hostile</c> into the folder.</summary>
    internal static void Build(string folder)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "Hostile");
        string[] parts = Directory.GetFiles(source, "*.c");
        (int code, string output) = OciRuntimeFixture.Run("gcc", ["-static", "-O1", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-o", Path.Combine(folder, "hostile"), .. parts]);
        Assert.True(code == 0, output);
    }

    /// <summary>Its lines, <c>NAME RESULT</c>.</summary>
    internal static Dictionary<string, string> Results(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2).GroupBy(parts => parts[0]).ToDictionary(g => g.Key, g => g.Last()[1]);
}
