using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>An exec from its request until it executes its command, or has failed and nothing of it is left.</summary>
#pragma warning disable CA1001 // what it has goes when it is given up, or with the exec that it becomes
internal sealed class EnteringExec
#pragma warning restore CA1001
{
    /// <summary>Most are ready long before; for the others the loop does not stand still any longer.</summary>
    internal static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(20);

    private readonly Container _container;
    private readonly ShimExecRequest _request;
    private readonly EventLoop _loop;
    private readonly ExecTable _table;
    private readonly Rollback _rollback = new();
    private readonly Action<ContainerExec> _ended;
    private readonly ProcessStreams _streams;
    private readonly ProcessEntry _entry;
    private FileWatch? _awaited, _late;
    private EventTimer? _patience;
    private Action<Func<ContainerExec>>? _settled;

    /// <param name="table">It is there until it is either.</param>
    /// <exception cref="LaunchException">With nothing left behind.</exception>
    internal EnteringExec(Container container, ShimExecRequest request, EventLoop loop, Launcher launcher, ExecTable table, Action<ContainerExec> ended)
    {
        (_container, _request, _loop, _table, _ended) = (container, request, loop, table, ended);
        try
        {
            string folder = ContainerExec.FolderOf(container, request);
            if (request.Background)
            {
                Directory.CreateDirectory(folder);
                _rollback.OnFailure(() => Directory.Delete(folder, recursive: true));
            }

            _streams = new ProcessStreams(loop, container.Spec, request.Process, request.StdinOpen);
            _rollback.OnFailure(_streams.Dispose);
            _streams.Log = request.Background ? ContainerExec.OpenLog(folder) : null;
            _entry = launcher.Enter(new ExecRequest
            {
                Container = container.Process.PidFd,
                Spec = container.Spec,
                Process = request.Process,
                Filter = container.Spec.Filter,
                Stdio = _streams.Childs,
                Launched = container.Launched,
                WindowSize = request.WindowSize is { } size ? (size.Columns, size.Rows) : null,
            });
        }
        catch
        {
            _rollback.Dispose();
            throw;
        }

        _table.Add(this);
    }

    internal string ExecId => _request.ExecId;

    /// <summary>Waits for so long, here and now.</summary>
    /// <returns>Null where it is not there yet.</returns>
    /// <exception cref="LaunchException">It has failed, and is given up.</exception>
    internal ContainerExec? Await(TimeSpan patience)
    {
        try
        {
            if (_entry.Await(patience) is not { } launched)
            {
                return null;
            }

            ContainerExec exec = ContainerExec.Of(launched, _container, _request, _loop, _streams, _ended);
            _rollback.Commit();
            _table.Remove(this);
            return exec;
        }
        catch
        {
            GiveUp();
            throw;
        }
    }

    /// <summary>Waits for it in the loop.</summary>
    /// <param name="settled">Called with what gives the exec, or throws what it has failed by; not once it was given up.</param>
    internal void GoOn(Action<Func<ContainerExec>> settled)
    {
        try
        {
            _settled = settled;
            _patience = new EventTimer();
            _late = _loop.Watch(_patience.File, EventKind.Readable, _ => BeLate());
            _patience.Set(Launcher.Patience);
            _awaited = _loop.Watch(_entry.Awaited, EventKind.Readable, _ => Advance());
        }
        catch
        {
            GiveUp();
            throw;
        }
    }

    /// <summary>It shall not run. What cannot be ended at once, as in a group that is frozen (v1), is when it can.</summary>
    internal void GiveUp()
    {
        StopWaiting();
        try
        {
            _rollback.Dispose();
        }
        finally
        {
            Clear(AtOnce);
        }
    }

    private void Advance() => Settle(() =>
    {
        _awaited!.Dispose();
        _awaited = null;
        ContainerExec? exec = Await(TimeSpan.Zero);
        _awaited = exec is null ? _loop.Watch(_entry.Awaited, EventKind.Readable, _ => Advance()) : null;
        return exec;
    });

    private void BeLate() => Settle(() =>
    {
        LaunchException late = _entry.Late();
        GiveUp();
        throw late;
    });

    private void Settle(Func<ContainerExec?> step)
    {
        Func<ContainerExec> outcome;
        try
        {
            if (step() is not { } exec)
            {
                return;
            }

            StopWaiting();
            outcome = () => exec;
        }
        catch (Exception e) when (e is QuiltException or LaunchException or SyscallException or IOException or AggregateException)
        {
            outcome = () => throw e;
        }

        _settled!(outcome);
    }

    private void StopWaiting()
    {
        _awaited?.Dispose();
        _late?.Dispose();
        _patience?.Dispose();
        (_awaited, _late, _patience) = (null, null, null);
    }

    private void Clear(TimeSpan patience)
    {
        _awaited?.Dispose();
        _awaited = null;
        while (!_entry.TryEnd())
        {
            if (!Sys.WaitReadable(_entry.Awaited, patience))
            {
                _awaited = _loop.Watch(_entry.Awaited, EventKind.Readable, _ => Clear(TimeSpan.Zero));
                return;
            }
        }

        _table.Remove(this);
    }
}
