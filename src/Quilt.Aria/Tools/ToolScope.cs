namespace Quilt.Aria;

/// <summary>The two kinds of tools. Nothing is both.</summary>
public enum ToolScope
{
    /// <summary>The agent's control panel over containers.</summary>
    Primitive,

    /// <summary>Help of a language model; never touches a container.</summary>
    Cognitive,
}
