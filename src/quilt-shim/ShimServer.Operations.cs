using System.Buffers.Binary;
using System.Diagnostics;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

internal sealed partial class ShimServer
{
    private ShimResponse Create(CreateRequest request)
    {
        if (_container is not null)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"this shim has container '{_container.Request.ContainerId}'", "use another shim");
        }

        _container = Container.Create(request, _loop, _launcher, _cgroups, c => Tell(new ShimEvent(null, c.Process.Exit!)));
        return request.Start ? Started(_container) : new ShimResponse { Process = _container.Process.Identity };
    }

    private ShimResponse Start()
    {
        Container container = Require("start", "created");
        container.Start();
        return Started(container);
    }

    private ShimResponse Started(Container container)
    {
        _settled.Set(Settled);
        return new ShimResponse { Process = container.Process.Identity, StartedAt = container.StartedAt };
    }

    private ShimResponse Reset()
    {
        if (_container is { Process.Exit: null } || _execs.AnyRuns)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the container '{_container?.Request.ContainerId}' has not ended", "end it first");
        }

        _container?.Dispose();
        (_container, _execs) = (null, new ExecTable());
        _settled.Set(Settled);
        return new ShimResponse();
    }

    private ShimResponse Signal(SignalRequest request)
    {
        Container container = Require("signal", "created", "running");
        container.Ephemeral |= request.Ephemeral;
        if (request.ExecId is { } execId)
        {
            Signal(_execs.Get(execId), request);
        }
        else if (!request.All)
        {
            container.Process.Signal(request.Signal);
        }
        else if (request.Signal == Signals.Kill)
        {
            container.Cgroup.KillAll();
        }
        else
        {
            foreach (int pid in container.Cgroup.Processes())
            {
                Sys.Kill(pid, request.Signal);
            }
        }

        return new ShimResponse();
    }

    private static void Signal(ContainerExec exec, SignalRequest request)
    {
        if (request.Signal == Signals.Kill)
        {
            exec.Process.KillSession();
        }
        else
        {
            exec.Process.Signal(request.Signal);
        }
    }

    private void Exec(Connection connection, ShimExecRequest request)
    {
        RequireOwn(connection);
        Container container = Require("execute in", "running");
        OciSpecValidator.Validate(request.Process);
        if (container.Cgroup.IsFrozen)
        {
            // It would be frozen on its way in.
            throw new QuiltException(ErrorCode.FailedPrecondition, "cannot execute in a container that is paused", "resume it first");
        }

        if (_execs.Contains(request.ExecId))
        {
            throw new QuiltException(ErrorCode.AlreadyExists, $"exec '{request.ExecId}' exists", "give another id", "exec_id");
        }

        EnteringExec entering = new(container, request, _loop, _launcher, _execs, HasEnded);
        if (entering.Await(EnteringExec.AtOnce) is { } exec)
        {
            Begin(connection, exec);
            return;
        }

        // Stopped or frozen on its way, or on a busy machine: everybody else is served meanwhile.
        long timedSince = _timedSince;
        connection.Paused = true;
        if (!request.Background)
        {
            connection.Closed += entering.GiveUp;
        }

        entering.GoOn(outcome =>
        {
            connection.Closed -= entering.GiveUp;
            _timedSince = timedSince;
            Attempt(connection, () => Begin(connection, outcome()));
            connection.Paused = false;
        });
    }

    private void Begin(Connection connection, ContainerExec exec)
    {
        ShimExecRequest request = exec.Request;
        _execs.Add(exec);
        ShimResponse response = new() { Process = exec.Process.Identity, StartedAt = exec.StartedAt, Work = Work() };
        if (exec.HandedOver.Count > 0)
        {
            connection.SendWith(exec.HandedOver, FrameKind.Response, response, ShimJson.Default.ShimResponse);
        }
        else
        {
            connection.Send(FrameKind.Response, response, ShimJson.Default.ShimResponse, more: request.Unhurried);
        }

        if (request.Background)
        {
            connection.Finish();
            return;
        }

        Stream(connection, exec.Process, exec.Leave);

        // Nobody would take its output or its exit any more.
        connection.Closed += exec.Process.KillSession;
        if (connection.IsClosed)
        {
            // Already while it was launched: nobody is told any more.
            exec.Process.KillSession();
        }

        connection.Next = request.Unhurried ? AwaitRequest : null;
    }

    private ShimWork? Work() => _timedSince == 0 ? null : new ShimWork(_timedSince, Stopwatch.GetTimestamp());

    private void HasEnded(ContainerExec exec)
    {
        _execs.HasEnded(exec);
        if (exec.IsBackground)
        {
            Tell(new ShimEvent(exec.Request.ExecId, exec.Process.Exit!));
        }
    }

    private ShimResponse Input(ExecInputRequest request)
    {
        ProcessStreams streams = _execs.Get(request.ExecId).Process.Streams;
        if (request.Input is { Length: > 0 } && streams.InputIsFull)
        {
            throw new QuiltException(ErrorCode.ResourceExhausted, "the exec has not taken the input it was given", "send more when it has read");
        }

        if (request.Input is { Length: > 0 } input && !streams.TryInput(input))
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, "the exec has no open stdin", "set stdin_open when it is made", "input");
        }

        if (request.WindowSize is { } size)
        {
            streams.Resize(size);
        }

        if (request.CloseStdin)
        {
            streams.CloseInput();
        }

        return new ShimResponse();
    }

    private void Attach(Connection connection)
    {
        RequireOwn(connection);
        Container container = Require("attach to", "created", "running");
        connection.Send(FrameKind.Response, new ShimResponse { Process = container.Process.Identity }, ShimJson.Default.ShimResponse);
        Stream(connection, container.Process);
    }

    private void Follow(Connection connection, FollowLogRequest request)
    {
        RequireOwn(connection);
        SupervisedProcess process = request.ExecId is { } execId ? _execs.Get(execId).Process : Require("follow", "created", "running", "exited").Process;
        connection.Send(FrameKind.Response, new ShimResponse(), ShimJson.Default.ShimResponse);
        if (process.Exit is { } exit)
        {
            connection.Send(FrameKind.Exit, exit, ShimJson.Default.ExitRecord);
            connection.Finish();
            return;
        }

        process.Streams.Follow(connection);
    }

    /// <summary>Frames in both directions until the process ends.</summary>
    /// <param name="leave">Whoever has the other end lets go of it.</param>
    private static void Stream(Connection connection, SupervisedProcess process, Action? leave = null)
    {
        connection.Frame = (kind, payload) =>
        {
            switch (kind)
            {
                case FrameKind.Stdin when payload.IsEmpty:
                    process.Streams.CloseInput();
                    break;
                case FrameKind.Stdin:
                    process.Streams.TryInput(payload.Span);
                    if (process.Streams.InputIsFull)
                    {
                        connection.Paused = true;
                    }

                    break;
                case FrameKind.Resize when Connection.ReadSize(payload.Span) is { } size:
                    process.Streams.Resize(size);
                    break;
                case FrameKind.Signal when payload.Length == sizeof(int):
                    process.Signal(BinaryPrimitives.ReadInt32LittleEndian(payload.Span));
                    break;
                case FrameKind.Leave:
                    leave?.Invoke();
                    connection.Closed -= process.KillSession; // of an exec; the container's own command has it not
                    connection.Finish();
                    break;
            }
        };
        process.Streams.Attach(connection);
    }
}
