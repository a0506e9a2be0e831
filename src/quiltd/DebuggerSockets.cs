namespace Quilt.Daemon;

/// <summary>
/// What the .NET runtime opens in the folder of temporary files for debuggers and tracers. Whoever reaches them rules the process,
/// and one that is killed leaves them there: they are removed, unless DOTNET_EnableDiagnostics=1 asks for them.
/// </summary>
/// <seealso href="https://learn.microsoft.com/dotnet/core/diagnostics/diagnostic-port"/>
internal static class DebuggerSockets
{
    internal static void Remove()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") == "1")
        {
            return;
        }

        foreach (string name in (string[])["dotnet-diagnostic", "clr-debug-pipe"])
        {
            foreach (string file in Directory.GetFiles(Path.GetTempPath(), $"{name}-{Environment.ProcessId}-*"))
            {
                File.Delete(file);
            }
        }
    }
}
