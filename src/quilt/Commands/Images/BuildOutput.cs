using System.Formats.Tar;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Where <c>--output</c> wants a build's result.</summary>
/// <param name="Kind">As the tool knows it: archive or files.</param>
internal sealed record BuildOutput(string Kind, string Destination, bool IsFolder)
{
    internal static BuildOutput Parse(string text)
    {
        IReadOnlyDictionary<string, string> parts = KeyValues.SplitList(text);
        string type = parts.GetValueOrDefault("type") ?? (parts.Count == 0 ? "local" : "");
        string destination = parts.GetValueOrDefault("dest") ?? (parts.Count == 0 ? text : "");
        return (type, destination) switch
        {
            ("oci" or "docker", { Length: > 0 }) => new BuildOutput("archive", destination, IsFolder: false),
            ("tar", { Length: > 0 }) => new BuildOutput("files", destination, IsFolder: false),
            ("local", { Length: > 0 }) => new BuildOutput("files", destination, IsFolder: true),
            _ => throw QuiltException.Invalid("--output", $"--output '{text}' says not what to write where", "give type=oci,dest=FILE, type=tar,dest=FILE or type=local,dest=FOLDER"),
        };
    }

    internal async Task FetchAsync(DaemonClient daemon, string downloadId)
    {
        if (!IsFolder)
        {
            await Transfer.DownloadAsync(daemon, downloadId, Destination, "--output");
            return;
        }

        string archive = Path.GetTempFileName();
        try
        {
            await Transfer.DownloadAsync(daemon, downloadId, archive, "--output");
            Directory.CreateDirectory(Destination);
            await TarFile.ExtractToDirectoryAsync(archive, Destination, overwriteFiles: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw QuiltException.Invalid("--output", $"'{Destination}' cannot be written: {e.Message}", "name a place that you may write, on a disk with space");
        }
        finally
        {
            File.Delete(archive);
        }
    }
}
