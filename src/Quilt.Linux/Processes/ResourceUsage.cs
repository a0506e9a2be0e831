namespace Quilt.Linux;

/// <summary>What a process and its reaped children used (getrusage(2)).</summary>
public readonly record struct ResourceUsage(TimeSpan UserTime, TimeSpan SystemTime, long PeakResidentBytes);
