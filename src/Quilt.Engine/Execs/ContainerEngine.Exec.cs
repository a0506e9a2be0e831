using System.Diagnostics;
using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const int TriesToExecute = 4;

    /// <summary>Runs a command in a running container, with its streams. Losing the stream kills the command.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: it does not run; CommandNotFound, CommandNotExecutable.</exception>
    public Task<ProcessStream> ExecStreamAsync(ContainerId id, ExecSpec spec, CancellationToken cancellation) =>
        ExecStreamAsync(id, spec, unhurried: false, cancellation);

    /// <param name="unhurried">There is nothing to do before it says something or ends.</param>
    private async Task<ProcessStream> ExecStreamAsync(ContainerId id, ExecSpec spec, bool unhurried, CancellationToken cancellation)
    {
        (string execId, ShimLink shim, ShimConnection connection) = await OpenExecAsync(id, spec, background: false, unhurried, cancellation).ConfigureAwait(false);
        return new ProcessStream(connection, execId, connection.Response.Process!.Pid, unhurried ? shim.Keep : null);
    }

    /// <summary>Runs a command to its end.</summary>
    /// <param name="stdin">All of its input.</param>
    /// <param name="outputLimitBytes">So much of each stream is in the answer; where there is more, all of it is kept on the disk.</param>
    public async Task<ExecOutcome> ExecAsync(ContainerId id, ExecSpec spec, ReadOnlyMemory<byte> stdin, long outputLimitBytes, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        using ProcessStream stream = await ExecStreamAsync(id, spec with { StdinOpen = !stdin.IsEmpty }, unhurried: stdin.IsEmpty, cancellation).ConfigureAwait(false);

        // Beside the reading: a command may write much before it reads all.
        Task feeding = stdin.IsEmpty ? Task.CompletedTask : FeedAsync(stream, stdin, cancellation);
        BoundedOutput stdout = new(outputLimitBytes), stderr = new(outputLimitBytes);
        bool full = false;
        KeptOutput? kept = null;
        try
        {
            while (await stream.ReadAsync(cancellation).ConfigureAwait(false) is { } output)
            {
                if (output.Exit is { } exit)
                {
                    bool isKept = kept is not null && kept.TryEnd(exit with { Command = spec.Command, StartedAt = DateTimeOffset.UtcNow - Stopwatch.GetElapsedTime(began) });
                    return new ExecOutcome(exit, stdout, stderr, Stopwatch.GetElapsedTime(began)) { KeptAs = isKept ? stream.ExecId : null };
                }

                BoundedOutput to = output.Stream == LogStream.Stderr ? stderr : stdout;
                if (!full && to.TotalBytes + output.Data.Length > outputLimitBytes)
                {
                    full = true;
                    TrimExecsSoon(_containers.Get(id));
                    kept = KeptOutput.TryOpen(_containers.Get(id).Layout.Exec(stream.ExecId), _options);
                    kept?.Append(LogStream.Stdout, stdout.ToArray());
                    kept?.Append(LogStream.Stderr, stderr.ToArray());
                }

                kept?.Append(output.Stream, output.Data.Span);
                to.Append(output.Data.Span);
            }
        }
        finally
        {
            kept?.Dispose();
        }

        await feeding.ConfigureAwait(false);
        throw new QuiltException(ErrorCode.Aborted, "the container ended before the command did", "start the container and try again");
    }

    /// <summary>Runs a command beside everything: it lives as long as it wants to, or the container.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> ExecInBackgroundAsync(ContainerId id, ExecSpec spec, ReadOnlyMemory<byte> stdin, CancellationToken cancellation)
    {
        RequireInputFits(stdin, "stdin");
        (string execId, _, ShimConnection connection) = await OpenExecAsync(id, spec with { StdinOpen = spec.StdinOpen || !stdin.IsEmpty }, background: true, unhurried: false, cancellation).ConfigureAwait(false);
        connection.Dispose();
        TrimExecsSoon(_containers.Get(id));
        if (!stdin.IsEmpty)
        {
            await FeedFirstAsync(id, execId, stdin, close: !spec.StdinOpen, cancellation).ConfigureAwait(false);
        }

        return execId;
    }

    /// <summary>Beside whatever makes one more of them.</summary>
    private static void TrimExecsSoon(Container container) => _ = Task.Run(() =>
    {
        try
        {
            EndedExecs.Trim(container.Layout.Execs, (container.Record.State as ContainerState.Running)?.StartedAt ?? default);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another trims too, or the container goes with all it has.
        }
    });

    private async Task FeedFirstAsync(ContainerId id, string execId, ReadOnlyMemory<byte> stdin, bool close, CancellationToken cancellation)
    {
        try
        {
            await SendExecInputAsync(id, execId, stdin, close, null, cancellation).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code is ErrorCode.FailedPrecondition or ErrorCode.NotFound)
        {
            // It has ended, or reads nothing: it was run all the same, and whoever began it can look.
        }
        catch
        {
            // Nobody would know of it.
            await KillExecAsync(id, execId, Signals.Kill, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Joins the streams of a container's own command; also before it runs, so that nothing of it is missed.</summary>
    public async Task<ProcessStream> AttachAsync(ContainerId id, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        ShimLink? shim;
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            if (container.Record.State is ContainerState.Created)
            {
                await PrepareAgainAsync(container, null, cancellation).ConfigureAwait(false);
            }

            shim = container.Shim;
        }

        if (shim is null)
        {
            throw Not("attach to", container.Record, "it has to be created or running; the log has what it wrote");
        }

        ShimConnection connection = await shim.OpenAsync(new ShimRequest { Attach = new AttachRequest() }, cancellation).ConfigureAwait(false);
        return new ProcessStream(connection, "", (container.Record.State as ContainerState.Running)?.Process.Pid ?? 0);
    }

    private async Task<(string Id, ShimLink Shim, ShimConnection Connection)> OpenExecAsync(
        ContainerId id, ExecSpec spec, bool background, bool unhurried, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        string execId = NewExecId();
        for (int attempt = 1; ; attempt++)
        {
            ShimLink shim = await ReadyToExecuteAsync(container, cancellation).ConfigureAwait(false);
            try
            {
                return (execId, shim, await shim.OpenAsync(Request(container, spec, execId, background, unhurried), cancellation).ConfigureAwait(false));
            }
            catch (QuiltException e) when (e.Code == ErrorCode.FailedPrecondition && attempt < TriesToExecute && container.Record.State is ContainerState.Running { Paused: false })
            {
                continue; // its files began to be read just now
            }
            catch (QuiltException e) when (e.IsOfCommand())
            {
                throw e.Naming(spec.Command, spec.WorkingDirectory ?? container.Record.WorkingDirectory);
            }
        }
    }

    /// <summary>Waits where its files are being read: a process that is born frozen would hold up its shim.</summary>
    private static async Task<ShimLink> ReadyToExecuteAsync(Container container, CancellationToken cancellation)
    {
        if (container.Record.State is ContainerState.Running { Still: true })
        {
            await container.WaitAsync(r => r.State is not ContainerState.Running { Still: true }, cancellation).ConfigureAwait(false);
        }

        return container.Record.State is ContainerState.Running { Paused: false } && container.Shim is { } shim
            ? shim
            : throw Not("execute in", container.Record, container.Record.State is ContainerState.Running { Paused: true } ? "unpause it first" : "start it first");
    }

    private ShimRequest Request(Container container, ExecSpec spec, string execId, bool background, bool unhurried)
    {
        ContainerRecord record = container.Record;
        OciProcess process = SpecBuilder.Process(
            record with
            {
                Command = spec.Command,
                WorkingDirectory = spec.WorkingDirectory ?? record.WorkingDirectory,
                Environment = spec.Environment.Count == 0 ? record.Environment : Merge(record.Environment, spec.Environment),
            },
            UserOf(container, spec.User), spec.Terminal);
        return new ShimRequest
        {
            Exec = new ShimExecRequest(execId, process, background, spec.StdinOpen, (long)(spec.Timeout?.TotalMilliseconds ?? 0), spec.Window, unhurried, spec is { HandOver: true, Terminal: false }),
        };
    }

    /// <summary>By the container's own files where a user is named: it may have made some since.</summary>
    private ImageUser UserOf(Container container, string user)
    {
        ContainerRecord record = container.Record;
        ImageRoot? image = Images.TryFind(record.ImageDigest) is { } stored ? ImageRoot.Of(stored) : null;
        if (user.Length == 0 && image is not null)
        {
            return _users.Find(image, UserOf(record.Spec, image));
        }

        using ContainerFiles files = OpenFiles(container);
        return UserLookup.Find([.. image?.LayerFolders ?? [], .. _snapshots.LayersOf(record.Snapshot), files.Layout.Upper], user.Length > 0 ? user : record.Spec.User);
    }

    private static async Task FeedAsync(ProcessStream stream, ReadOnlyMemory<byte> stdin, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync(stdin, cancellation).ConfigureAwait(false);
            await stream.CloseInputAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is QuiltException or ObjectDisposedException or OperationCanceledException)
        {
            // It has ended without reading all: that is its right.
        }
    }

    private static string NewExecId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
}
