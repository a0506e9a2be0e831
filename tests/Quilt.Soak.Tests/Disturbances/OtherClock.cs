using System.Diagnostics;
using Quilt.Testing;

namespace Quilt.Soak.Tests;

/// <summary>
/// quiltd sees the wall clock jump; the host's own stays as it is, and so does that of shims, which are static programs. So what is tried is
/// a daemon whose clock moves against everything else's.
/// </summary>
internal sealed class OtherClock : IDisposable
{
    private const int Hour = 3600, Day = 24 * Hour;
    private static readonly int[] Jumps = [Hour, -Hour, Day, -Day];
    private readonly TemporaryFolder _folder = new();
    private readonly string _library, _seconds;

    internal OtherClock()
    {
        (_library, _seconds) = (_folder["clock.so"], _folder["seconds"]);
        Set(0);
        using Process compiler = Process.Start("gcc", ["-shared", "-fPIC", "-O2", "-o", _library, Path.Combine(AppContext.BaseDirectory, "Disturbances", "clock.c"), "-ldl"]);
        compiler.WaitForExit();
        Assert.True(compiler.ExitCode == 0, "gcc did not compile clock.c");
    }

    /// <summary>To be done for quiltd before it begins.</summary>
    internal void Prepare(ProcessStartInfo start)
    {
        start.Environment["LD_PRELOAD"] = _library;
        start.Environment["QUILT_SOAK_CLOCK"] = _seconds;
    }

    /// <summary>So many seconds from the host's.</summary>
    internal void Set(long seconds)
    {
        using FileStream file = new(_seconds, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(BitConverter.GetBytes(seconds));
    }

    /// <summary>Forward and back by an hour or a day; right again in between.</summary>
    internal async Task DisturbAsync(SoakRun run, Random random, CancellationToken over)
    {
        try
        {
            while (true)
            {
                await Task.Delay(random.Next(50, 600), over);
                Set(Jumps[random.Next(Jumps.Length)]);
                run.Figures.Count("disturbance jumps of the clock", 2);
                await Task.Delay(random.Next(50, 600), over);
                Set(0);
            }
        }
        finally
        {
            Set(0);
        }
    }

    public void Dispose() => _folder.Dispose();
}
