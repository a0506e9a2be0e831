using System.Runtime.CompilerServices;
using Xunit;

namespace Quilt.Testing;

/// <summary>
/// Text that others rely on, kept in the tree so that a change of it shows in a diff. QUILT_UPDATE_SNAPSHOTS=1 writes what is
/// there now.
/// </summary>
public static class Snapshot
{
    private static readonly bool Updates = Environment.GetEnvironmentVariable("QUILT_UPDATE_SNAPSHOTS") == "1";

    /// <param name="file">Beside the tests, in Snapshots.</param>
    public static void Check(string file, string actual, [CallerFilePath] string caller = "") =>
        CheckFile(Path.Combine(Path.GetDirectoryName(caller)!, "..", "Snapshots", file), actual, _ => actual, text => text);

    /// <summary>A part of a document, between <c>&lt;!-- NAME --&gt;</c> and <c>&lt;!-- /NAME --&gt;</c>.</summary>
    public static void CheckPart(string document, string name, string actual, [CallerFilePath] string caller = "")
    {
        string begin = $"<!-- {name} -->\n", end = $"<!-- /{name} -->";
        CheckFile(
            Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "..", document), actual,
            text => text[..Begin(text)] + actual + text[End(text)..], text => text[Begin(text)..End(text)]);

        int Begin(string text) => text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int End(string text) => text.IndexOf(end, StringComparison.Ordinal);
    }

    private static void CheckFile(string path, string actual, Func<string, string> replace, Func<string, string> part)
    {
        string before = File.Exists(path) ? File.ReadAllText(path) : "";
        if (Updates)
        {
            File.WriteAllText(path, replace(before));
            return;
        }

        Assert.Equal(part(before), actual, ignoreLineEndingDifferences: true);
    }
}
