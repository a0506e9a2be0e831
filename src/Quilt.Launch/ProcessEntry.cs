using Quilt.Launch.Child;
using Quilt.Launch.Parent;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch;

/// <summary>
/// A process on its way into a container. Those inside can stop it there, and a freezer can (v1), which does not even let it be
/// killed: nothing here waits for it for longer than is asked.
/// </summary>
public sealed class ProcessEntry
{
    private readonly ExecRequest _request;
    private readonly OciProcess _process;
    private readonly ControlChannel _control;
    private Intermediate? _intermediate;
    private int _pid;
    private ulong _startTime;
    private FileDescriptor? _pidFd, _console;
    private bool _goesOn, _isExecuting;

    internal ProcessEntry(ExecRequest request, OciProcess process, ControlChannel control, Intermediate intermediate)
        : this(request, process, control) => _intermediate = intermediate;

    internal ProcessEntry(ExecRequest request, OciProcess process, ControlChannel control, (int Pid, FileDescriptor PidFd) joined)
        : this(request, process, control) => (_pid, _pidFd) = joined;

    private ProcessEntry(ExecRequest request, OciProcess process, ControlChannel control) =>
        (_request, _process, _control, Awaited) = (request, process, control, control.Socket);

    /// <summary>Readable when there is more to do for <see cref="Await"/>, or once that has failed for <see cref="TryEnd"/>; each may change it.</summary>
    public FileDescriptor Awaited { get; private set; }

    /// <summary>What says that it takes too long.</summary>
    public LaunchException Late() => ControlChannel.Late(_request.Patience);

    /// <param name="patience">For how long it may keep silent.</param>
    /// <returns>The process where it has executed its command; null where it is silent.</returns>
    /// <exception cref="LaunchException">It has failed: to be followed by <see cref="TryEnd"/>.</exception>
    public LaunchedProcess? Await(TimeSpan patience)
    {
        if (_intermediate is null && !_goesOn)
        {
            GoOn();
        }

        while (Sys.WaitReadable(Awaited, patience))
        {
            if (_isExecuting || !TakeWord())
            {
                // Its end of the socket is closed; the intermediate process has nothing left to do but to end.
                _isExecuting = true;
                if (_intermediate?.TryReap() != false)
                {
                    return HandOver();
                }

                Awaited = _intermediate.End;
            }
        }

        return null;
    }

    /// <summary>It shall not live after all: kills what there is of it, and reaps what of that has ended.</summary>
    /// <returns>Whether nothing is left; if not, to be called again when <see cref="Awaited"/> is readable.</returns>
    public bool TryEnd()
    {
        _control.Dispose();
        _console?.Dispose();
        _console = null;
        Kill();
        if (_intermediate is { } intermediate)
        {
            if (!intermediate.TryReap())
            {
                Awaited = intermediate.End;
                return false;
            }

            // Whom it has cloned without having said so is known for certain only now.
            _pid = intermediate.Joined;
            Kill();
            intermediate.Dispose();
            _intermediate = null;
        }

        if (_pid != 0 && Sys.WaitId(_pid, wait: false) is null)
        {
            try
            {
                Awaited = _pidFd ??= Sys.PidFdOpen(_pid);
                return false;
            }
            catch (SyscallException)
            {
                Sys.WaitId(_pid, wait: true); // without descriptors there is nothing to wait for it by
            }
        }

        _pid = 0;
        _pidFd?.Dispose();
        _pidFd = null;
        return true;
    }

    /// <returns>False where there will be no other.</returns>
    private bool TakeWord()
    {
        ControlMessage? message = _control.Take(out FileDescriptor? fd);
        switch (message?.Kind)
        {
            case ControlKind.Failed:
                throw Launcher.Failure(message.Value, _ => "prepare the process");
            case ControlKind.Cloned:
                _pid = _intermediate!.Joined;
                _pidFd = Sys.PidFdOpen(_pid);
                GoOn();
                return true;
            case ControlKind.Console:
                _console = fd;
                return true;
            case ControlKind.SeccompListener:
                using (fd)
                {
                    _request.SeccompListener?.Invoke(_pid, fd!);
                }

                return true;
            case null when _pid == 0:
                throw Launcher.EndedEarly();
            default:
                return false;
        }
    }

    private void GoOn()
    {
        _goesOn = true;
        ProcessAttributes.Set(_pid, _process);
        ProcessAttributes.SetAffinity(_pid, _process.ExecCpuAffinity);
        _control.Start();
        _startTime = ProcessStat.TryRead(_pid)?.StartTime ?? 0;
    }

    private LaunchedProcess HandOver()
    {
        LaunchedProcess launched = new(_pid, _startTime, _pidFd!, _console);
        _control.Dispose();
        _intermediate?.Dispose();
        (_intermediate, _pid, _pidFd, _console) = (null, 0, null, null);
        return launched;
    }

    private void Kill()
    {
        _intermediate?.Kill();
        if (_pid != 0)
        {
            Sys.Kill(_pid, Signals.Kill); // not reaped, its number is surely still its
        }
    }
}
