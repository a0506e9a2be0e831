namespace Quilt.Engine;

/// <summary>A container has come to, or near, one of its limits.</summary>
/// <param name="Limit">As whoever set it names it: memory, memoryHigh, pids.</param>
/// <param name="Level">Percent of it; <c>oom</c> where a process was killed because it had no more.</param>
/// <param name="Measure">What <paramref name="Value"/> is: <c>used</c>, in the limit's unit; or <c>times</c>, how often something was refused, slowed down or killed in this run.</param>
/// <param name="Most">The limit.</param>
public readonly record struct LimitReached(string Limit, string Level, string Measure, ulong Value, long Most)
{
    internal const string Used = "used", Times = "times";
}
