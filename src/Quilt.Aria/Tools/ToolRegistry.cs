using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>All tools that there are. Primitive and cognitive ones never mix, and none does another's work in secret.</summary>
public sealed class ToolRegistry
{
    private readonly Dictionary<string, Tool> _tools;

    public ToolRegistry(IEnumerable<Tool> tools) => _tools = tools.ToDictionary(t => t.Definition.Name, StringComparer.Ordinal);

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<Tool> All => [.. _tools.Values.OrderBy(t => t.Definition.Name, StringComparer.Ordinal)];

    /// <param name="scope">Null: both.</param>
    /// <param name="ceiling">None above it.</param>
    public IEnumerable<Tool> List(ToolScope? scope, SecurityLevel ceiling) => All.Where(t => (scope is null || t.Definition.Scope == scope) && t.Definition.Level <= ceiling);

    /// <exception cref="QuiltException">NotFound, with the name that may be meant.</exception>
    public Tool Get(string name) => _tools.GetValueOrDefault(name) ?? throw new QuiltException(
        ErrorCode.NotFound, $"there is no tool '{(name.Length > 64 ? name[..64] + "…" : name)}'",
        _tools.Keys.FirstOrDefault(k => k.Equals(name.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) is { } meant ? $"did you mean '{meant}'?" : "see listTools", "name");

    public Tool? TryGet(string name) => _tools.GetValueOrDefault(name);
}
