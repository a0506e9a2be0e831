namespace Quilt.Bench.Engines;

/// <summary>A way to keep containers: ours, or a peer's. All run the same busybox with no network.</summary>
internal interface IContainerEngine
{
    /// <summary>The name in the table.</summary>
    string Side { get; }

    /// <summary>Whether many calls at once are fair to ask of it: an interface of requests, no program started for each call.</summary>
    bool IsApi { get; }

    /// <summary>Creates and starts a container that sleeps.</summary>
    Task StartAsync(string name, CancellationToken cancel);

    /// <summary>Runs <c>true</c> in it to its end.</summary>
    Task ExecTrueAsync(string name, CancellationToken cancel);

    /// <summary>Kills and removes it.</summary>
    Task RemoveAsync(string name, CancellationToken cancel);
}

/// <summary>What all sides run.</summary>
internal static class Workload
{
    public static readonly string[] Idle = ["/bin/sleep", "1000000"];
    public static readonly string[] True = ["/bin/true"];
    public const string Image = "quilt-bench:busybox";

    /// <summary>The same busybox, by a name that all builders read alike.</summary>
    public const string BuildBase = "localhost/" + Image;
}
