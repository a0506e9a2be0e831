using System.CommandLine;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Cli;

internal sealed class CopyCommand : CliCommand
{
    private readonly Argument<string> _from, _to;
    private readonly Option<bool> _archive, _followLink, _quiet;

    internal CopyCommand()
        : base("cp", "Copy files between a container and here")
    {
        _from = Word("SRC");
        _to = Word("DST");
        _archive = Flag("Keep owners, by their numbers (else who copies has them: the container's root there, you here)", "--archive", "-a");
        _followLink = Flag("Where SRC is a link, copy what it leads to", "--follow-link", "-L");
        _quiet = Flag("Say nothing", "--quiet", "-q");
    }

    internal override string Usage => "[-a] [-L] [-q] CONTAINER:SRC DST|-  or  SRC|- CONTAINER:DST";

    internal override string Details =>
        """
        The container may run or not. Into a folder that is there SRC comes under its own name, of 'SRC/.' only what is in it; else DST is
        its new name, whose parent has to be there. '-' is a tar archive: from stdin it is unpacked into the folder DST, to stdout it is of
        SRC, as it is. Files that come out here have no set-id bits and no file capabilities.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt cp ./src dev:/app", "A folder, as /app/src where /app is there, else as /app"),
        new("quilt cp dev:/app/out/. results", "What is in a folder"),
        new("quilt cp dev:/etc - | tar t", "A tar archive on stdout"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    internal override async Task<int> RunAsync(Invocation call)
    {
        CopyEnd from = CopyEnd.Parse(call.Get(_from)!, "SRC"), to = CopyEnd.Parse(call.Get(_to)!, "DST");
        switch (from.Container, to.Container)
        {
            case (null, null):
                throw QuiltException.Invalid("SRC", "neither SRC nor DST is in a container", "write one of them as CONTAINER:PATH");
            case (not null, not null):
                throw QuiltException.Invalid("DST", "both SRC and DST are in containers", "copy by way of here: quilt cp FROM:SRC - | quilt cp - TO:DST");
            case (null, not null):
                await SendAsync(call, from, to);
                return 0;
            default:
                await FetchAsync(call, from, to);
                return 0;
        }
    }

    private async Task SendAsync(Invocation call, CopyEnd from, CopyEnd to)
    {
        bool follow = call.Get(_followLink);
        string upload = from.IsStream
            ? await ArchiveInput.UploadAsync(call, null, "SRC")
            : await WithBarAsync(
                call, "sending", from.Path, call.Streams.ErrorIsTerminal ? LocalFiles.SizeOf(from.Path) : 0,
                bar => Transfer.UploadAsync(call.Daemon, stream => Task.Run(() => LocalFiles.Pack(from.Path, follow, bar(stream)))));
        ToolAnswer answer = await ToolCall.RunAsync(
            call, "copyToContainer",
            new ToolArguments().Add("container", to.Container).Add("path", to.Path).Add("archive", new ToolArguments().Add("upload", upload))
                .Add("placing", from.IsStream ? null : "as").Add("keepOwners", call.Get(_archive), unless: false));
        Tell(call, answer["entries"].Text, answer["bytes"].Text, LeftOut.Of(answer));
    }

    private async Task FetchAsync(Invocation call, CopyEnd from, CopyEnd to)
    {
        if (to.IsStream && call.Streams.IsTerminal)
        {
            throw QuiltException.Invalid("DST", "an archive is nothing for a terminal", "send stdout to a file or a program, or name a folder");
        }

        ToolAnswer answer = await ToolCall.RunAsync(
            call, "copyFromContainer",
            new ToolArguments().Add("container", from.Container).Add("path", from.Path).Add("as", "archive").Add("followLink", call.Get(_followLink), unless: false));
        string id = answer["downloadId"].Text;
        IEnumerable<string> leftOut = LeftOut.Of(answer);
        if (to.IsStream)
        {
            await Transfer.DownloadAsync(call.Daemon, id, call.Streams.OutBytes);
            LeftOut.Tell(call, leftOut);
            return;
        }

        bool keepOwners = call.Get(_archive);
        CopyReport report = await WithBarAsync(
            call, "receiving", from.Path, long.TryParse(answer["bytes"].Text, out long bytes) ? bytes : 0,
            bar => StreamPipe.RunAsync(
                (stream, over) => Transfer.DownloadAsync(call.Daemon, id, bar(stream), over),
                (archive, _) => Task.Run(() => LocalFiles.Unpack(archive, to.Path, CopyPlacing.As, keepOwners, "DST")), CancellationToken.None));
        Tell(call, $"{report.Entries}", $"{report.Bytes}", [.. leftOut, .. report.LeftOut.Select(LeftOut.Line)]);
    }

    /// <param name="copy">Given what draws of each stream that it is wrapped around.</param>
    private async Task<T> WithBarAsync<T>(Invocation call, string stage, string path, long total, Func<Func<Stream, Stream>, Task<T>> copy)
    {
        using ProgressDisplay display = new(call.Streams);
        CopyProgress progress = new(display, stage, path.TrimEnd('/') is var plain && plain[(plain.LastIndexOf('/') + 1)..] is { Length: > 0 } name ? name : path, total);
        return await copy(call.Get(_quiet) ? stream => stream : progress.Through);
    }

    private void Tell(Invocation call, string entries, string bytes, IEnumerable<string> leftOut)
    {
        if (call.Json)
        {
            call.Out.WriteLine($$"""{"entries":{{entries}},"bytes":{{bytes}}}""");
        }
        else if (!call.Get(_quiet))
        {
            call.Streams.Error.WriteLine($"copied {entries} {(entries == "1" ? "entry" : "entries")}, {(long.TryParse(bytes, out long count) ? new ByteSize(count) : bytes)}");
        }

        LeftOut.Tell(call, leftOut);
    }
}
