using System.Globalization;
using System.Text;

namespace Quilt.Build;

/// <summary>One command to run.</summary>
public sealed record BuildStep
{
    /// <summary>Absolute, lowest first; at least one, which may be empty. Owned by unshifted ids.</summary>
    public required IReadOnlyList<string> LayerFolders { get; init; }

    /// <summary>Never empty. The first is looked for in PATH unless it holds a slash.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>All of it: the runner adds nothing but HOME where it is missing. May hold secrets.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Absolute; made where it is missing.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>As <see cref="Images.UserLookup"/> takes it; looked up in the layers.</summary>
    public required string User { get; init; }
    public required StepNetwork Network { get; init; }

    /// <summary>In order: a later one may lie inside an earlier one.</summary>
    public required IReadOnlyList<StepMount> Mounts { get; init; }

    // Secrets may be in the environment.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"Layers = {LayerFolders.Count}, Environment = {Environment.Count}, User = {User}, Network = {Network}, Mounts = {Mounts.Count}");
        return true;
    }
}

public enum StepNetwork
{
    /// <summary>Loopback alone.</summary>
    None,

    /// <summary>What the build was granted.</summary>
    Egress,
}
