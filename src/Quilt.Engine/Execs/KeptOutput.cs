using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>All of a command's output that did not fit into its answer, as a background command's: read with <see cref="ContainerEngine.GetExecAsync"/>.</summary>
internal sealed class KeptOutput : IDisposable
{
    private readonly string _folder;
    private readonly LogWriter _log;

    private KeptOutput(string folder, LogWriter log) => (_folder, _log) = (folder, log);

    /// <returns>Null where the disk has no space for it: the answer is then all there is.</returns>
    internal static KeptOutput? TryOpen(string folder, EngineOptions options)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new KeptOutput(folder, new LogWriter(folder, options.LogMaxBytes, options.LogMaxFiles));
        }
        catch (Exception e) when (e is SyscallException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal void Append(LogStream stream, ReadOnlySpan<byte> bytes) => _log.Append(stream, bytes);

    /// <returns>False where the disk has no space for it, and none of it is kept: the answer is then all there is.</returns>
    internal bool TryEnd(ExitRecord exit)
    {
        try
        {
            DurableFile.Write(_folder, ExitRecord.FileName, JsonSerializer.SerializeToUtf8Bytes(exit, ShimJson.Default.ExitRecord));
            return true;
        }
        catch (SyscallException)
        {
            Discard();
            return false;
        }
    }

    private void Discard()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // It goes with the container.
        }
    }

    public void Dispose() => _log.Dispose();
}
