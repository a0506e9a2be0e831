using Quilt.Testing;

namespace Quilt.Cognition.Tests.Processes;

/// <summary>Calls as the daemon makes them: through <c>quilt-cognition call</c>.</summary>
internal static class Cognition
{
    /// <summary>Of processes: mounts and groups are none of its, and others that work on the machine have theirs.</summary>
    internal static LeakCheck Leaks() => new(_ => false);

    /// <summary>As usual, on a machine as slow as this one.</summary>
    internal static DocumentLimits Usual { get; } = Slowed(new DocumentLimits());

    internal static DocumentLimits Slowed(DocumentLimits limits) => limits with { CpuSeconds = limits.CpuSeconds * Slowness.Factor, WallSeconds = limits.WallSeconds * Slowness.Factor };

    public static string Program => Path.Combine(Programs.Folder, "quilt-cognition");

    public static Task<ParseDocumentResult> Parse(byte[] document, DocumentLimits? limits = null, string? format = null, Action<int>? confine = null, CancellationToken? cancellation = null) =>
        new CognitionProcess(Program).Call(
            CognitiveTools.ParseDocument,
            new ParseDocumentArguments { ContentBase64 = Convert.ToBase64String(document), Format = format },
            new CognitionConfig { Documents = limits ?? Usual },
            confine,
            cancellation ?? TestContext.Current.CancellationToken);

    /// <summary>Children of a process, by number.</summary>
    public static int[] ChildrenOf(int pid)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{pid}/task").SelectMany(t => File.ReadAllText(t + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(int.Parse)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A line of /proc/PID/status; empty where the process is gone.</summary>
    public static string Status(string folder, string name)
    {
        try
        {
            return File.ReadLines(folder + "/status").FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..].Trim().Replace('\t', ' ') ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
