namespace Quilt.Aria;

/// <summary>What is wanted of a container.</summary>
public enum Access
{
    /// <summary>To look, and to run commands in it: what sharing it gives.</summary>
    Use,

    /// <summary>To change or end it: its agent's, and those above it.</summary>
    Manage,
}
