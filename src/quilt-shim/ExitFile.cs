using System.Text.Json;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>Puts an exit into a file before anyone is told of it.</summary>
internal static class ExitFile
{
    /// <summary>A full disk cannot keep a process from having ended: it is then told, though a crash of ours would lose it.</summary>
    /// <param name="ephemeral">It need outlive the daemon alone, not the host.</param>
    internal static void Write(string folder, ExitRecord exit, bool ephemeral)
    {
        try
        {
            DurableFile.Write(folder, ExitRecord.FileName, JsonSerializer.SerializeToUtf8Bytes(exit, ShimJson.Default.ExitRecord), synchronize: !ephemeral);
        }
        catch (SyscallException e)
        {
            Console.Error.WriteLine($"quilt-shim: {folder}: the exit code {exit.ExitCode} could not be kept: {e.Message}");
        }
    }
}
