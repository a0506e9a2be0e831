namespace Quilt.Aria;

/// <summary>What is told of a tool: to models, to people, and to whoever decides who may call it.</summary>
/// <param name="Name">The field's own, in camelCase; stable.</param>
public sealed record ToolDefinition(string Name)
{
    public required string Title { get; init; }

    /// <summary>For a model: what it does, when to use it, what it costs and changes.</summary>
    public required string Description { get; init; }

    /// <summary>Arguments of a typical call, as JSON.</summary>
    public string Example { get; init; } = "{}";
    public ToolScope Scope { get; init; } = ToolScope.Primitive;
    public SecurityLevel Level { get; init; } = SecurityLevel.Limited;

    /// <summary>It can take away what cannot be had again.</summary>
    public bool Destructive { get; init; }

    /// <summary>Twice is as once.</summary>
    public bool Idempotent { get; init; }

    /// <summary>Its answer holds a secret, and is written down nowhere.</summary>
    public bool AnswersSecret { get; init; }

    /// <summary>It reaches beyond this host.</summary>
    public bool OpenWorld { get; init; }

    /// <summary>There is no such tool: its name is whatever a caller wrote.</summary>
    public bool IsUnknown { get; init; }

    public bool ReadOnly => Level == SecurityLevel.Safe;

    /// <summary>With the example, as a model reads it.</summary>
    public string FullDescription => Example == "{}" ? Description : $"{Description}\nExample: {Example}";
}
