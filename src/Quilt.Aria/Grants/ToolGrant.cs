using System.ComponentModel;

namespace Quilt.Aria;

/// <summary>Which tools an agent may call.</summary>
public sealed record ToolGrant
{
    [Description("Kinds of tools. Trusted configurations get the primitive ones, which is the default. host is what tells of all that is on the host, such as /metrics.")]
    public IReadOnlyList<ToolScope> Scopes { get; set; } = [ToolScope.Primitive];

    [Description("Names of tools, with one '*' for any part; all of the scopes' where it is left out.")]
    public IReadOnlyList<string>? Allow { get; init; }

    [Description("Names of tools that stay forbidden whatever else allows them.")]
    public IReadOnlyList<string> Deny { get; set; } = [];

    [Description("The highest security level: safe, limited, elevated or dangerous.")]
    public SecurityLevel Level { get; set; } = SecurityLevel.Elevated;

    /// <returns>The rule that decided, as the audit tells it, and what it decided.</returns>
    internal (bool Allowed, string Rule) Decide(string name, ToolScope scope, SecurityLevel level)
    {
        if (Deny.FirstOrDefault(p => Pattern.Matches(p, name)) is { } denied)
        {
            return (false, $"tools.deny '{denied}'");
        }

        if (!Scopes.Contains(scope))
        {
            return (false, $"tools.scopes [{string.Join(", ", Scopes).ToLowerInvariant()}] without {scope.ToString().ToLowerInvariant()}");
        }

        if (level > Level)
        {
            return (false, $"tools.level {Level.ToString().ToLowerInvariant()} below {level.ToString().ToLowerInvariant()}");
        }

        return Allow is null
            ? (true, $"tools.scopes {scope.ToString().ToLowerInvariant()}")
            : Allow.FirstOrDefault(p => Pattern.Matches(p, name)) is { } allowed ? (true, $"tools.allow '{allowed}'") : (false, "tools.allow does not have it");
    }
}
