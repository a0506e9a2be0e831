using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.OciRuntime;

/// <summary>A container as it is now: the record, checked against the kernel.</summary>
internal sealed class OciContainer(StateStore store, ContainerRecord record)
{
    internal const string Created = "created", Running = "running", Paused = "paused", Stopped = "stopped";
    private OciSpec? _spec;

    internal ContainerRecord Record => record;

    internal OciSpec Spec => _spec ??= SpecFile.Read(record.Bundle);

    internal ICgroup Cgroup { get; } = CgroupHost.OfThisMachine().Open(record.CgroupPath);

    internal bool IsAlive => ProcessStat.IsAlive(record.Pid, record.StartTime);

    /// <summary>The start socket is there until the order to start has been given.</summary>
    internal string Status =>
        !IsAlive ? Stopped
        : File.Exists(store.StartSocket(record.Id)) ? Created
        : Cgroup.IsFrozen ? Paused
        : Running;

    internal OciState State(string status) =>
        new(Spec.OciVersion, record.Id, status, status == Stopped ? 0 : record.Pid, record.Bundle) { Annotations = Spec.Annotations };

    internal byte[] StateJson(string status) => JsonSerializer.SerializeToUtf8Bytes(State(status), OciJson.Default.OciState);

    /// <summary>The process by a descriptor, after it was made sure that it is still this one.</summary>
    internal FileDescriptor OpenProcess()
    {
        FileDescriptor process;
        try
        {
            process = Sys.PidFdOpen(record.Pid);
        }
        catch (SyscallException e) when (e.Errno == Errno.ESRCH)
        {
            throw NotIn(Stopped, "running");
        }

        if (!IsAlive)
        {
            process.Dispose();
            throw NotIn(Stopped, "running");
        }

        return process;
    }

    internal void Require(string operation, params ReadOnlySpan<string> allowed)
    {
        string status = Status;
        if (!allowed.Contains(status))
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"cannot {operation} container '{record.Id}': it is {status}", $"it has to be {string.Join(" or ", allowed.ToArray())}");
        }
    }

    private QuiltException NotIn(string status, string wanted) =>
        new(ErrorCode.FailedPrecondition, $"container '{record.Id}' is {status}", $"it has to be {wanted}");
}
