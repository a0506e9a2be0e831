using Quilt.Linux;
using Xunit;

namespace Quilt.Testing;

/// <summary>Where a file lies on its disk, as <c>filefrag</c> of e2fsprogs tells.</summary>
public static class FileExtents
{
    /// <summary>All of it is shared with another file.</summary>
    public static async Task<bool> AreSharedAsync(string file)
    {
        ProgramRun run = await ProgramRun.OfAsync(HostProgram.Find("filefrag")!, "-v", file);
        Assert.True(run.ExitCode == 0, $"filefrag {file} {run}");

        // '   0:        0..   24414:     132122..    156536:  24415:             last,shared,eof'
        string[] extents = [.. run.Said.Split('\n').Where(l => l.Contains("..", StringComparison.Ordinal))];
        Assert.NotEmpty(extents);
        return extents.All(e => e.Contains("shared", StringComparison.Ordinal));
    }
}
