namespace Quilt.Testing;

/// <summary>The programs under test, as <c>build.sh</c> leaves them.</summary>
public static class Programs
{
    /// <summary>QUILT_BIN, or artifacts/bin above the test.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("QUILT_BIN") ?? Find();

    private static string Find()
    {
        string folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "artifacts", "bin")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("artifacts/bin is not built; run ./build.sh");
        }

        return Path.Combine(folder, "artifacts", "bin");
    }
}
