namespace Quilt.Engine;

/// <summary>Limits that are being put in force.</summary>
public sealed record LimitsUnderway(ContainerLimits Limits, IReadOnlyList<Ulimit> Ulimits);
