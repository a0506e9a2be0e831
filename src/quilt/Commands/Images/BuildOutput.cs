using Quilt.Core;
using Quilt.Images;

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

    /// <exception cref="QuiltException">It cannot be written.</exception>
    internal async Task FetchAsync(Invocation call, string downloadId)
    {
        const string field = "--output";
        if (!IsFolder)
        {
            await Transfer.DownloadAsync(call.Daemon, downloadId, Destination, field);
            return;
        }

        try
        {
            Directory.CreateDirectory(Destination);
        }
        catch (Exception e) when (Failure.IsOfFile(e))
        {
            throw QuiltException.Invalid(field, $"'{Destination}' cannot be written: {e.Message}", "name a place that you may write, on a disk with space");
        }

        CopyReport report = await StreamPipe.RunAsync(
            (stream, over) => Transfer.DownloadAsync(call.Daemon, downloadId, stream, over),
            (archive, _) => Task.Run(() => LocalFiles.Unpack(archive, Destination, CopyPlacing.Into, keepOwners: false, field)), CancellationToken.None);
        LeftOut.Tell(call, report.LeftOut.Select(LeftOut.Line));
    }
}
