using System.Text;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.OciRuntime;

/// <summary>A container as it is now: the record, checked against the kernel.</summary>
internal sealed class OciContainer(StateStore store, ContainerRecord record, ICgroup cgroup, OciSpec? spec)
{
    internal const string Created = "created", Running = "running", Paused = "paused", Stopped = "stopped";

    internal ContainerRecord Record => record;

    internal OciSpec Spec => field ??= spec ?? SpecFile.Read(store.Config(record.Id)).Spec;

    internal ICgroup Cgroup => cgroup;

    internal bool IsAlive => ProcessStat.IsAlive(record.Pid, record.StartTime);

    /// <summary>The start socket is there until the order to start has been given.</summary>
    internal string Status =>
        !IsAlive ? Stopped
        : Sys.Exists(store.StartSocket(record.Id)) ? Created
        : Cgroup.IsFrozen ? Paused
        : Running;

    internal string StateText(string status) => Encoding.UTF8.GetString(StateJson(status));

    internal byte[] StateJson(string status) => StateJson(Spec, record.Id, status, status == Stopped ? 0 : record.Pid, record.Bundle);

    internal static byte[] StateJson(OciSpec spec, string id, string status, int pid, string bundle) =>
        Encoding.UTF8.GetBytes(new OciState(spec.OciVersion, id, status, pid, bundle) { Annotations = spec.Annotations }.ToJson());

    /// <summary>The process by a descriptor, after it was made sure that it is still this one.</summary>
    internal FileDescriptor OpenProcess() => TryOpenProcess() ?? throw NotRunning();

    /// <summary>Null where it has ended.</summary>
    internal FileDescriptor? TryOpenProcess() => new ProcessIdentity(record.Pid, record.StartTime).TryOpen();

    internal void Require(string operation, params ReadOnlySpan<string> allowed)
    {
        string status = Status;
        if (!allowed.Contains(status))
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"cannot {operation} container '{record.Id}': it is {status}", $"it has to be {string.Join(" or ", allowed.ToArray())}");
        }
    }

    private QuiltException NotRunning() =>
        new(ErrorCode.FailedPrecondition, $"container '{record.Id}' is {Stopped}: its process not found", "it has to be running");
}
