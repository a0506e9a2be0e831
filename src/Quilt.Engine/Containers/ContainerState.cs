using System.Text.Json.Serialization;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>Where a container is in its life.</summary>
[JsonDerivedType(typeof(Creating), "creating")]
[JsonDerivedType(typeof(Created), "created")]
[JsonDerivedType(typeof(Running), "running")]
[JsonDerivedType(typeof(Exited), "exited")]
[JsonDerivedType(typeof(Removing), "removing")]
public abstract record ContainerState
{
    private ContainerState()
    {
    }

    /// <summary>As people and other programs know it.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    /// <summary>Written before the first act: what a crash leaves of it is rolled back.</summary>
    public sealed record Creating : ContainerState
    {
        public override string Name => "creating";
    }

    /// <summary>Never started.</summary>
    public sealed record Created : ContainerState
    {
        public override string Name => "created";
    }

    /// <param name="Process">Its PID 1, as the host sees it.</param>
    public sealed record Running(ProcessIdentity Process, DateTimeOffset StartedAt) : ContainerState
    {
        public bool Paused { get; init; }

        /// <summary>Asked to end, and not yet gone, while somebody waits for that.</summary>
        [JsonIgnore]
        public bool Stopping { get; init; }

        /// <summary>Frozen for the moment in which its files are read; see <see cref="Paused"/> for what its owner wants.</summary>
        [JsonIgnore]
        public bool Still { get; init; }

        /// <summary>By its probes; null where it has no health check.</summary>
        [JsonIgnore]
        public Health? Health { get; init; }

        internal bool IsFrozen => Paused || Still;

        /// <summary>A health check would find out how it is, and not that it stands still or ends.</summary>
        internal bool MayBeProbed => !IsFrozen && !Stopping;
        public override string Name => Paused ? "paused" : Stopping ? "stopping" : "running";
    }

    /// <param name="StartedAt">Null where nobody was there to see it.</param>
    public sealed record Exited(ContainerExit Exit, DateTimeOffset? StartedAt) : ContainerState
    {
        /// <summary>What the run used in all; null where its control group was gone before anybody read it.</summary>
        public CgroupStatistics? Used { get; init; }

        /// <summary>What went over its links in the run; nothing where it had none, or nobody saw its end.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public NetworkCounters Network { get; init; }

        public override string Name => "exited";
    }

    /// <summary>Written before the removal: a crash's is finished at the next start.</summary>
    /// <param name="Exit">How its command ended, where one ever ran.</param>
    public sealed record Removing(ContainerExit? Exit) : ContainerState
    {
        public override string Name => "removing";
    }
}

/// <summary>How a container's command ended.</summary>
/// <param name="ExitCode">128 + signal where a signal ended it.</param>
/// <param name="Signal">0 where it ended by itself.</param>
/// <param name="Reason">Empty; or why Quilt knows no better: <c>shim_lost</c>, <c>host_restarted</c>.</param>
public sealed record ContainerExit(int ExitCode, int Signal, bool OomKilled, DateTimeOffset At, string Reason = "")
{
    public const string ShimLost = "shim_lost", HostRestarted = "host_restarted";
}
