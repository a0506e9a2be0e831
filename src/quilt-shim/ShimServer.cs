using System.Diagnostics;
using System.Text.Json;
using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Seccomp;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>Serves one container at a time, from its creation to its recorded end; without one and without the daemon it goes.</summary>
internal sealed partial class ShimServer : IDisposable
{
    private static readonly TimeSpan Unclaimed = TimeSpan.FromSeconds(30);

    // A container that lives this long may live long: what its launch has left in memory is given back.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AcceptAgain = TimeSpan.FromMilliseconds(100);

    private readonly EventLoop _loop = new();
    private readonly FileDescriptor _listener;
    private readonly string _path;
    private readonly Launcher _launcher;
    private readonly CgroupHost _cgroups = CgroupHost.OfThisMachine();
    private readonly HashSet<Connection> _connections = [];
    private readonly List<Connection> _watchers = [];
    private ExecTable _execs = new();
    private readonly EventTimer _unclaimed = new(), _settled = new(), _acceptAgain = new();
    private readonly FileWatch _accepting;
    private Container? _container;
    private bool _claimed, _abandoned;
    private long _timedSince; // of the request that is worked on; 0 where nobody asked

    /// <param name="emptyMounts">A mount namespace with nothing in it that containers begin in; null: they begin in ours.</param>
    internal ShimServer(string socketPath, FileDescriptor? emptyMounts)
    {
        _path = socketPath;
        _launcher = new Launcher(new SeccompCache(), emptyMounts);
        _listener = Sys.Listen(socketPath, stream: true);
        _accepting = _loop.Watch(_listener, EventKind.Readable, _ => AcceptNext());
        _loop.Watch(_acceptAgain.File, EventKind.Readable, _ =>
        {
            _acceptAgain.Take();
            _accepting.Kinds = EventKind.Readable;
        });
        _loop.Watch(_unclaimed.File, EventKind.Readable, _ =>
        {
            _unclaimed.Take();
            _abandoned = _connections.Count == 0 && _container is null;
        });
        _unclaimed.Set(Unclaimed);
        _loop.Watch(_settled.File, EventKind.Readable, _ =>
        {
            _settled.Take();
            Settle();
        });
    }

    internal void Run() => _loop.Run(IsFinished);

    public void Dispose()
    {
        File.Delete(_path);
        _listener.Dispose();
        _unclaimed.Dispose();
        _settled.Dispose();
        _acceptAgain.Dispose();
        _loop.Dispose();
    }

    /// <summary>
    /// Idle, it goes with the daemon that made it. With a container it stays until that has ended, its exit is on disk, and
    /// whoever is connected has been told and has closed.
    /// </summary>
    private bool IsFinished() => _container is null
        ? _abandoned || (_claimed && _connections.Count == 0)
        : _container.Process.Exit is not null && !_execs.AnyRuns && _connections.Count == 0;

    private void Settle()
    {
        _container?.Settle();
        try
        {
            OwnMemory.Settle();
        }
        catch (IOException)
        {
            _settled.Set(Settled); // without descriptors it cannot look at itself
        }
    }

    private void AcceptNext()
    {
        try
        {
            Accept();
        }
        catch (SyscallException e) when (HostShortage.Of(e) is not null)
        {
            // Whoever comes waits until there are descriptors again; who is here already is served.
            _accepting.Kinds = EventKind.None;
            _acceptAgain.Set(AcceptAgain);
        }
    }

    private void Accept()
    {
        FileDescriptor socket = Sys.Accept(_listener);

        // The folder is root's alone; this holds even if someone has opened it up.
        if (Sys.Peer(socket).Uid != 0)
        {
            socket.Dispose();
            return;
        }

        // A timer that has come stays readable: nobody would take it any more, and the loop would turn for ever.
        _claimed = true;
        _unclaimed.Stop();
        Connection connection = Serve(socket);
        _connections.Add(connection);
        AwaitRequest(connection);
    }

    private Connection Serve(FileDescriptor socket)
    {
        try
        {
            return new Connection(_loop, socket, gone: c => _connections.Remove(c));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void AwaitRequest(Connection connection) => connection.Frame = (kind, payload) => TakeRequest(connection, kind, payload);

    private void TakeRequest(Connection connection, FrameKind kind, ReadOnlyMemory<byte> payload)
    {
        // One that watches goes on to ask; what comes on any other is for whoever streams.
        if (!_watchers.Contains(connection))
        {
            connection.Frame = null;
        }

        long began = Stopwatch.GetTimestamp();
        _timedSince = 0;
        Attempt(connection, () =>
        {
            ShimRequest request = (kind == FrameKind.Request ? JsonSerializer.Deserialize(payload.Span, ShimJson.Default.ShimRequest) : null)
                ?? throw QuiltException.Invalid("request", "the first frame is no request", "send a request first");
            _timedSince = request.Timed ? began : 0;
            Answer(connection, request);
        });
    }

    private void Attempt(Connection connection, Action answer)
    {
        try
        {
            answer();
        }
        catch (Exception e) when (e is QuiltException or LaunchException or SyscallException or JsonException or IOException or AggregateException)
        {
            Reply(connection, new ShimResponse { Error = ErrorOf(e) });
        }
    }

    private void Answer(Connection connection, ShimRequest request)
    {
        if (request.ContainerId is { } id && id != (request.Create ?? _container?.Request)?.ContainerId)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the container '{id}' has ended, and is not this shim's any more", "start it first");
        }

        switch (request)
        {
            case { Create: { } create }:
                Reply(connection, Create(create));
                break;
            case { Start: not null }:
                Reply(connection, Start());
                break;
            case { Signal: { } signal }:
                Reply(connection, Signal(signal));
                break;
            case { Exec: { } exec }:
                Exec(connection, exec);
                break;
            case { ExecInput: { } input }:
                Reply(connection, Input(input));
                break;
            case { Attach: not null }:
                Attach(connection);
                break;
            case { FollowLog: { } follow }:
                Follow(connection, follow);
                break;
            case { State: not null }:
                Reply(connection, new ShimResponse { State = State() });
                break;
            case { Reset: not null }:
                Reply(connection, Reset());
                break;
            case { Watch: not null }:
                Watch(connection);
                break;
            default:
                throw QuiltException.Invalid("request", "it asks for nothing that this shim knows", "check that quiltd and quilt-shim are of one version");
        }
    }

    private void Reply(Connection connection, ShimResponse response)
    {
        connection.Send(FrameKind.Response, response with { Work = Work() }, ShimJson.Default.ShimResponse);
        if (!_watchers.Contains(connection))
        {
            connection.Finish();
        }
    }

    private ShimState State() => new(
        _container?.Status ?? "idle", _container?.Request.ContainerId, _container?.Process.Identity, _container?.StartedAt, _container?.Process.Exit,
        _execs.States);

    private void Watch(Connection connection)
    {
        RequireOwn(connection);
        connection.Send(FrameKind.Response, new ShimResponse { State = State() }, ShimJson.Default.ShimResponse);
        _watchers.Add(connection);
        AwaitRequest(connection);
        connection.Closed += () => _watchers.Remove(connection);
    }

    /// <summary>Frames are to follow the answer: events would get among them.</summary>
    private void RequireOwn(Connection connection)
    {
        if (_watchers.Contains(connection))
        {
            throw QuiltException.Invalid("request", "it cannot be asked on a connection that watches", "open another");
        }
    }

    private void Tell(ShimEvent what)
    {
        foreach (Connection watcher in (Connection[])[.. _watchers])
        {
            watcher.Send(FrameKind.Event, what, ShimJson.Default.ShimEvent);
        }
    }

    private Container Require(string operation, params ReadOnlySpan<string> allowed)
    {
        string status = _container?.Status ?? "idle";
        return _container is not null && allowed.Contains(status)
            ? _container
            : throw new QuiltException(ErrorCode.FailedPrecondition, $"cannot {operation} a container that is {status}", $"it has to be {string.Join(" or ", allowed.ToArray())}");
    }

    private static ShimError ErrorOf(Exception failure) => failure switch
    {
        LaunchException e => new ShimError(e.Code.WireName(), e.Message, e.Remedy, LaunchException.StageName(e.Stage), (int)e.Errno),
        QuiltException e => new ShimError(e.Code.WireName(), e.Message, e.Remedy, null, 0),
        _ when HostShortage.Of(failure) is { } lacks => new ShimError(ErrorCode.ResourceExhausted.WireName(), $"the host has no more {lacks}", "try again later; whoever runs the host can give it more", null, 0),
        SyscallException e => new ShimError(ErrorCode.Internal.WireName(), e.Message, null, null, (int)e.Errno),
        _ => new ShimError(ErrorCode.Internal.WireName(), failure.Message, null, null, 0),
    };
}
