namespace Quilt.Aria;

/// <summary>The kinds of tools. Nothing is of two.</summary>
public enum ToolScope
{
    /// <summary>The agent's control panel over containers.</summary>
    Primitive,

    /// <summary>Help of a language model; never touches a container.</summary>
    Cognitive,

    /// <summary>What tells of all that is on the host, whoever's it is: the operator's, unless a grant names this scope.</summary>
    Host,
}
