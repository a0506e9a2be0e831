namespace Quilt.Aria;

/// <summary>The guide for models to the primitive tools: docs/guide.md, whose examples a test runs.</summary>
public static class Guide
{
    public static string Text { get; } = Read();

    private static string Read()
    {
        using StreamReader reader = new(typeof(Guide).Assembly.GetManifestResourceStream("guide.md")!);
        return reader.ReadToEnd();
    }
}
