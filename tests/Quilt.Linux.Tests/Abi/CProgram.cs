using System.Diagnostics;
using Quilt.Testing;

namespace Quilt.Linux.Tests.Abi;

/// <summary>A few lines of C, compiled against the system's headers and run: the truth that our numbers are compared with.</summary>
internal static class CProgram
{
    /// <summary>The values of C expressions, each an integer.</summary>
    internal static long[] Evaluate(string headers, params string[] expressions)
    {
        using TemporaryFolder folder = new();
        string includes = string.Concat(headers.Split(' ').Select(h => $"#include <{h}>\n"));
        string prints = string.Concat(expressions.Select(e => $"printf(\"%lld\\n\", (long long)({e}));\n"));
        File.WriteAllText(folder["a.c"], $"#define _GNU_SOURCE\n#include <stdio.h>\n#include <stddef.h>\n{includes}int main(void) {{ {prints} return 0; }}\n");
        Run("gcc", "-o", folder["a"], folder["a.c"]);
        return [.. Run(folder["a"]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd(), errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {errors}");
        return output;
    }
}
