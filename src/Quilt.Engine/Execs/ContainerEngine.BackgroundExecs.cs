using System.Text.RegularExpressions;
using Quilt.Core;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <param name="Exit">Null while it runs.</param>
public sealed record BackgroundExec(string Id, IReadOnlyList<string> Command, int Pid, DateTimeOffset StartedAt, ExitRecord? Exit);

/// <summary>What a background exec wrote after a place in its output.</summary>
/// <param name="Next">The place after it.</param>
/// <param name="More">There is more already.</param>
/// <param name="Missed">Some of what came after the place is not kept any more: only the last of it is.</param>
public sealed record ExecOutput(BackgroundExec Exec, IReadOnlyList<LogEntry> Lines, LogCursor Next, bool More, bool Missed);

public sealed partial class ContainerEngine
{
    /// <summary>What <see cref="GetExecAsync"/> answers with at most, but for a line that is longer.</summary>
    public const int OutputLinesAtOnce = 4096, OutputBytesAtOnce = 1 << 20;

    /// <summary>The background execs that run, and the last that have ended, also in runs before and of a container that has ended.</summary>
    public async Task<IReadOnlyList<BackgroundExec>> ListExecsAsync(ContainerId id, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        IReadOnlyList<BackgroundExec> known = await KnownExecsAsync(container, cancellation).ConfigureAwait(false);
        HashSet<string> ids = [.. known.Select(e => e.Id)];
        return [.. known.Where(e => e.Exit is null || Directory.Exists(container.Layout.Exec(e.Id))).Concat(EndedExecs.In(container.Layout.Execs, running: container.Shim is not null).Where(e => !ids.Contains(e.Id))).OrderBy(e => e.StartedAt)];
    }

    /// <summary>How many background execs run.</summary>
    public async Task<int> CountExecsAsync(ContainerId id, CancellationToken cancellation) =>
        (await KnownExecsAsync(_containers.Get(id), cancellation).ConfigureAwait(false)).Count(e => e.Exit is null);

    /// <summary>Those that the present run's shim knows.</summary>
    private static async Task<IReadOnlyList<BackgroundExec>> KnownExecsAsync(Container container, CancellationToken cancellation)
    {
        if (container.Shim is not { } shim)
        {
            return [];
        }

        ShimState state = (await shim.AskAsync(new ShimRequest { State = new StateRequest() }, cancellation).ConfigureAwait(false)).State!;
        return [.. state.Execs.Where(e => e.Background).Select(e => new BackgroundExec(e.ExecId, e.Args, e.Process.Pid, e.StartedAt, e.Exit))];
    }

    /// <summary>The container that an exec is in.</summary>
    /// <param name="mayUse">What the caller may know of.</param>
    /// <exception cref="QuiltException">NotFound.</exception>
    public ContainerRecord FindExec(string execId, Func<ContainerRecord, bool> mayUse) =>
        (ExecIdPattern().IsMatch(execId) ? _containers.All().FirstOrDefault(c => mayUse(c.Record) && Directory.Exists(c.Layout.Exec(execId))) : null)?.Record
            ?? throw new QuiltException(ErrorCode.NotFound, $"there is no exec '{(execId.Length > 64 ? execId[..64] + "…" : execId)}'", "list the container's execs", "execId");

    /// <summary>What a background exec is at, and what it wrote after a place in its output.</summary>
    /// <param name="wait">Where there is nothing new, waits until there is, or it has ended.</param>
    /// <exception cref="QuiltException">NotFound.</exception>
    public async Task<ExecOutput> GetExecAsync(ContainerId id, string execId, LogCursor after, bool wait, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        string folder = FolderOf(container, execId);
        using LogReader reader = new(folder) { Position = after };
        using ShimConnection? growth = wait ? await FollowAsync(container, execId, cancellation).ConfigureAwait(false) : null;
        BackgroundExec exec = await FindExecAsync(container, execId, folder, cancellation).ConfigureAwait(false);
        (List<LogEntry> output, bool more) = ReadSome(reader);
        while (output.Count == 0 && growth is not null && await growth.ReadAsync(cancellation).ConfigureAwait(false) is { } frame)
        {
            (output, more) = ReadSome(reader);
            if (frame.Kind == FrameKind.Exit)
            {
                exec = await FindExecAsync(container, execId, folder, cancellation).ConfigureAwait(false);
                break;
            }
        }

        return new ExecOutput(exec, output, output.Count > 0 ? output[^1].Next : after, more, reader.Missed);
    }

    /// <summary>Many may read at once, and an output has tens of megabytes.</summary>
    private static (List<LogEntry> Lines, bool More) ReadSome(LogReader reader)
    {
        List<LogEntry> lines = [];
        long bytes = 0;
        foreach (LogEntry line in reader.Read())
        {
            bytes += line.Data.Length;
            if (lines.Count == OutputLinesAtOnce || (lines.Count > 0 && bytes > OutputBytesAtOnce))
            {
                return (lines, true);
            }

            lines.Add(line);
        }

        return (lines, false);
    }

    /// <exception cref="QuiltException">NotFound.</exception>
    public Task<BackgroundExec> FindExecAsync(ContainerId id, string execId, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        return FindExecAsync(container, execId, FolderOf(container, execId), cancellation);
    }

    /// <exception cref="QuiltException">InvalidArgument: more than <see cref="FrameHeader.MostInput"/>; ResourceExhausted: what was sent before is not taken yet.</exception>
    public async Task SendExecInputAsync(ContainerId id, string execId, ReadOnlyMemory<byte> input, bool close, WindowSize? window, CancellationToken cancellation)
    {
        RequireInputFits(input, "input");
        await ShimOf(id, execId).AskAsync(new ShimRequest { ExecInput = new ExecInputRequest(execId, input.ToArray(), close, window) }, cancellation).ConfigureAwait(false);
    }

    /// <summary>All of it, or nothing: in pieces, a full exec would have taken some of them.</summary>
    private static void RequireInputFits(ReadOnlyMemory<byte> input, string field)
    {
        if (input.Length > FrameHeader.MostInput)
        {
            throw QuiltException.Invalid(field, $"{field} is {input.Length} bytes long", $"give at most {FrameHeader.MostInput} at once, and more when the exec has read");
        }
    }

    /// <summary>Of any exec, also one whose streams somebody follows: a signal in its stream would wait behind input that it does not read.</summary>
    /// <remarks>SIGKILL also ends what it has started in its session.</remarks>
    public async Task KillExecAsync(ContainerId id, string execId, int signal, CancellationToken cancellation) =>
        await ShimOf(_containers.Get(id)).AskAsync(new ShimRequest { Signal = new SignalRequest(signal, execId, false) }, cancellation).ConfigureAwait(false);

    private ShimLink ShimOf(ContainerId id, string execId)
    {
        Container container = _containers.Get(id);
        _ = FolderOf(container, execId);
        return ShimOf(container);
    }

    private static ShimLink ShimOf(Container container) =>
        container.Shim ?? throw Not("reach an exec of", container.Record, "its execs have ended with it");

    private static async Task<BackgroundExec> FindExecAsync(Container container, string execId, string folder, CancellationToken cancellation)
    {
        IReadOnlyList<BackgroundExec> known = await KnownExecsAsync(container, cancellation).ConfigureAwait(false);
        return known.FirstOrDefault(e => e.Id == execId) ?? EndedExecs.Of(folder);
    }

    /// <summary>The id is the caller's word: it is a path only when it is one of ours.</summary>
    private static string FolderOf(Container container, string execId)
    {
        string folder = ExecIdPattern().IsMatch(execId) ? container.Layout.Exec(execId) : "";
        return Directory.Exists(folder) ? folder : throw new QuiltException(ErrorCode.NotFound, $"there is no background exec '{(execId.Length > 64 ? execId[..64] + "…" : execId)}' in '{container.Record.Name}'", "list the container's execs", "execId");
    }

    [GeneratedRegex(@"\A[0-9a-f]{16}\z")]
    private static partial Regex ExecIdPattern();
}
