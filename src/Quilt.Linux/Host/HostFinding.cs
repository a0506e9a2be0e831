namespace Quilt.Linux;

/// <summary>One thing that Quilt wants of the host.</summary>
/// <param name="Found">What there is, for a person.</param>
/// <param name="Remedy">What to do where it is not enough; null where all is well.</param>
public sealed record HostFinding(string Name, string Found, string? Remedy)
{
    public bool IsGood => Remedy is null;

    /// <summary>False for what only some of Quilt's features want: containers run without it.</summary>
    public bool IsNeeded { get; init; } = true;
}
