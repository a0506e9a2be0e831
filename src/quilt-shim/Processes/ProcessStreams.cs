using Quilt.Launch;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>A process's standard streams: its output goes to its log and to those attached, their input to it.</summary>
internal sealed class ProcessStreams : IDisposable
{
    /// <summary>What the kernel lets anybody have (/proc/sys/fs/pipe-max-size): each side then runs for longer at a time.</summary>
    private const int HandedOverBytes = 1 << 20;

    private readonly EventLoop _loop;
    private readonly LogPace _pace;
    private readonly bool _stdinOpen;
    private readonly List<Connection> _attached = [], _followers = [];
    private readonly List<OutputPump> _pumps = [];
    private FileDescriptor? _ourStdin, _ourStdout, _ourStderr;
    private PseudoTerminal? _console;
    private InputQueue? _input;

    /// <param name="spec">Whose user namespace the process is in.</param>
    internal ProcessStreams(EventLoop loop, OciSpec spec, OciProcess process, bool stdinOpen)
    {
        (_loop, _stdinOpen, _pace) = (loop, stdinOpen, new LogPace(loop, SetPaused));
        FileDescriptor Null(OpenMode mode) => Sys.Open("/dev/null", mode);
        if (process.Terminal)
        {
            Childs = new ProcessStdio(Null(OpenMode.ReadOnly), Null(OpenMode.WriteOnly), Null(OpenMode.WriteOnly));
            return;
        }

        FileDescriptor theirStdin;
        if (stdinOpen)
        {
            (theirStdin, _ourStdin) = Sys.Pipe();
            Give(theirStdin, spec, process.User);
        }
        else
        {
            theirStdin = Null(OpenMode.ReadOnly);
        }

        (_ourStdout, FileDescriptor theirStdout) = Sys.Pipe();
        (_ourStderr, FileDescriptor theirStderr) = Sys.Pipe();
        Give(theirStdout, spec, process.User);
        Give(theirStderr, spec, process.User);
        Childs = new ProcessStdio(theirStdin, theirStdout, theirStderr);
    }

    /// <summary>To the process's user, who may then open it by name too: <c>/dev/stdout</c>.</summary>
    private static void Give(FileDescriptor pipe, OciSpec spec, OciUser user)
    {
        IReadOnlyList<OciIdMapping> uids = spec.Linux?.UidMappings ?? [], gids = spec.Linux?.GidMappings ?? [];
        uint? uid = uids.Count == 0 ? user.Uid : OciIdMapping.HostIdOf(uids, user.Uid), gid = gids.Count == 0 ? user.Gid : OciIdMapping.HostIdOf(gids, user.Gid);
        if (uid is { } owner && gid is { } group)
        {
            Sys.SetOwner(pipe, owner, group);
        }
    }

    /// <summary>For the launcher.</summary>
    internal ProcessStdio Childs { get; }

    /// <summary>Null where nothing is kept.</summary>
    internal LogWriter? Log { get; set; }

    /// <summary>Gives its outputs away, before <see cref="Begin"/>: whoever has them reads them. A terminal stays here.</summary>
    internal IReadOnlyList<FileDescriptor> HandOver()
    {
        if (_ourStdout is null)
        {
            return [];
        }

        FileDescriptor[] outputs = [_ourStdout!, _ourStderr!];
        (_ourStdout, _ourStderr) = (null, null);
        foreach (FileDescriptor output in outputs)
        {
            Sys.TrySetCapacity(output, HandedOverBytes);
        }

        return outputs;
    }

    /// <summary>Begins to move bytes, when the process is made.</summary>
    internal void Begin(FileDescriptor? console)
    {
        CloseChilds();
        if (console is not null)
        {
            _console = PseudoTerminal.Take(Sys.Duplicate(console));
            _pumps.Add(new OutputPump(_loop, Sys.Duplicate(console), LogStream.Stdout, Take, terminal: true));
            if (_stdinOpen)
            {
                _input = new InputQueue(_loop, Sys.Duplicate(console), terminal: true);
            }
        }
        else
        {
            if (_ourStdout is not null)
            {
                _pumps.Add(new OutputPump(_loop, _ourStdout, LogStream.Stdout, Take));
                _pumps.Add(new OutputPump(_loop, _ourStderr!, LogStream.Stderr, Take));
            }

            if (_ourStdin is not null)
            {
                _input = new InputQueue(_loop, _ourStdin, terminal: false);
            }

            _ourStdin = _ourStdout = _ourStderr = null;
        }

        if (_input is not null)
        {
            _input.Drained += () => _attached.ForEach(c => c.Paused = false);
        }
    }

    internal void Attach(Connection connection)
    {
        if (connection.IsClosed)
        {
            return; // it has gone while it was answered, and will not tell of it again
        }

        _attached.Add(connection);
        connection.Closed += () =>
        {
            _attached.Remove(connection);
            SetPaused();
        };
        connection.Drained += SetPaused;
        SetPaused();
    }

    internal void Follow(Connection connection)
    {
        if (connection.IsClosed)
        {
            return;
        }

        _followers.Add(connection);
        connection.Closed += () => _followers.Remove(connection);
        connection.Send(FrameKind.LogAdvanced, []);
    }

    /// <returns>False where the process has no open stdin.</returns>
    internal bool TryInput(ReadOnlySpan<byte> bytes)
    {
        if (_input is null || _input.IsClosed)
        {
            return false;
        }

        _input.Write(bytes);
        return true;
    }

    internal bool InputIsFull => _input is { IsClosed: false, IsFull: true };

    internal void CloseInput() => _input?.Close();

    internal void Resize(WindowSize size)
    {
        if (_console is not null)
        {
            _console.Size = new TerminalSize(size.Columns, size.Rows);
        }
    }

    /// <summary>The process has ended: takes what it has written.</summary>
    internal void Drain() => _pumps.ForEach(p => p.Drain());

    /// <summary>Says that nothing more comes, and how it ended.</summary>
    internal void Finish(ExitRecord exit)
    {
        foreach (Connection connection in (Connection[])[.. _attached, .. _followers])
        {
            connection.Send(FrameKind.Exit, exit, ShimJson.Default.ExitRecord);
            connection.Done();
        }

        Dispose();
    }

    public void Dispose()
    {
        CloseChilds();
        _pumps.ForEach(p => p.Dispose());
        _pumps.Clear();
        _input?.Dispose();
        _input = null;
        foreach (FileDescriptor? file in (FileDescriptor?[])[_ourStdin, _ourStdout, _ourStderr])
        {
            file?.Dispose();
        }

        _console?.Dispose();
        _console = null;
        _pace.Dispose();
        Log?.Dispose();
    }

    private void CloseChilds()
    {
        Childs.Stdin.Dispose();
        Childs.Stdout.Dispose();
        Childs.Stderr.Dispose();
    }

    private void Take(LogStream stream, ReadOnlySpan<byte> bytes)
    {
        if (Log is not null)
        {
            Log.Append(stream, bytes);
            _pace.Count(bytes.Length);
        }

        // A connection that breaks while we send to it takes itself out of the list.
        for (int i = _attached.Count - 1; i >= 0; i--)
        {
            _attached[i].Send(stream == LogStream.Stderr ? FrameKind.Stderr : FrameKind.Stdout, bytes);
        }

        for (int i = _followers.Count - 1; i >= 0; i--)
        {
            // One word that there is more is enough until it is taken.
            if (!_followers[i].HasUnsent)
            {
                _followers[i].Send(FrameKind.LogAdvanced, []);
            }
        }

        SetPaused();
    }

    /// <summary>Who is attached holds the process back, as a terminal does; who only follows the log does not. Where nobody is, the log's pace does.</summary>
    private void SetPaused()
    {
        bool waits = _attached.Count > 0 ? _attached.Exists(c => c.IsCongested) : _pace.IsAhead;
        _pumps.ForEach(p => p.SetPaused(waits));
    }
}
