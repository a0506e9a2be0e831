using Quilt.Core;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>The execs that are on their way in, those that run, and of those that have ended the last background ones.</summary>
internal sealed class ExecTable
{
    /// <summary>Characters of a command's arguments that are told.</summary>
    internal const int MostArgumentText = 4096;
    private const int KeptEnded = 64, ArgumentTextOfAll = 256 << 10;
    private readonly Dictionary<string, ContainerExec> _execs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EnteringExec> _entering = new(StringComparer.Ordinal);
    private readonly Queue<string> _ended = new();

    internal IReadOnlyCollection<ContainerExec> All => _execs.Values;

    /// <summary>All of them have room in one frame, however long their commands are.</summary>
    internal ExecState[] States
    {
        get
        {
            int each = Math.Min(MostArgumentText, ArgumentTextOfAll / Math.Max(1, _execs.Count));
            return [.. _execs.Values.Select(e => e.StateWith(each))];
        }
    }

    internal bool AnyRuns => _entering.Count > 0 || _execs.Values.Any(e => e.Process.Exit is null);

    internal bool Contains(string id) => _entering.ContainsKey(id) || _execs.ContainsKey(id);

    internal void Add(EnteringExec exec) => _entering.Add(exec.ExecId, exec);

    internal void Remove(EnteringExec exec) => _entering.Remove(exec.ExecId);

    internal void Add(ContainerExec exec) => _execs.Add(exec.Request.ExecId, exec);

    internal ContainerExec Get(string id) => _execs.GetValueOrDefault(id)
        ?? throw new QuiltException(ErrorCode.NotFound, $"exec '{id}' does not run", "list the container's execs", "exec_id");

    internal void HasEnded(ContainerExec exec)
    {
        if (!exec.IsBackground)
        {
            _execs.Remove(exec.Request.ExecId);
            return;
        }

        _ended.Enqueue(exec.Request.ExecId);
        if (_ended.Count > KeptEnded)
        {
            _execs.Remove(_ended.Dequeue());
        }
    }
}
