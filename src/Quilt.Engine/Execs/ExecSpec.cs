using System.Text;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>A command to run in a running container. Its values are valid: whoever made it has checked them.</summary>
public sealed record ExecSpec
{
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Added to the container's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Absolute; null: the container's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Empty: the container's.</summary>
    public string User { get; init; } = "";
    public bool Terminal { get; init; }
    public bool StdinOpen { get; init; }

    /// <summary>Who asked reads its outputs himself: <see cref="ProcessStream.Outputs"/>. Not of a terminal.</summary>
    public bool HandOver { get; init; }

    /// <summary>Killed after this long; null is never.</summary>
    public TimeSpan? Timeout { get; init; }
    public WindowSize? Window { get; init; }

    // The environment may hold secrets.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Command = ").AppendJoin(' ', Command);
        return true;
    }
}

/// <summary>How an exec ended, and what it wrote, in bounds.</summary>
public sealed record ExecOutcome(ExitRecord Exit, BoundedOutput Stdout, BoundedOutput Stderr, TimeSpan Duration)
{
    /// <summary>The exec's id under which all of its output is kept; null where the answer holds all, or the disk had no space.</summary>
    public string? KeptAs { get; init; }
    public bool Truncated => Stdout.Truncated || Stderr.Truncated;
}
