namespace Quilt.Engine;

/// <summary>A container has come to, or near, one of its limits.</summary>
/// <param name="Limit">As whoever set it names it: memory, memoryHigh, pids.</param>
/// <param name="Level">Percent of it; <c>oom</c> where a process was killed because it had no more.</param>
/// <param name="Used">What is in use, in the limit's unit; of what was refused or killed, how often that has happened in this run.</param>
public readonly record struct LimitReached(string Limit, string Level, ulong Used, long Most);
