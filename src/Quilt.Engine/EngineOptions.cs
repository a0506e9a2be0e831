using System.Net;

namespace Quilt.Engine;

/// <summary>Where one engine has its things. Engines with different folders run side by side.</summary>
public sealed record EngineOptions
{
    /// <summary>What must survive a restart of the host: database, images, writable layers, logs.</summary>
    public required string StateDir { get; init; }

    /// <summary>What need not: the shims' sockets.</summary>
    public required string RunDir { get; init; }

    /// <summary>The folder in which each shim has its socket.</summary>
    public string ShimSockets => Path.Combine(RunDir, "shims");

    /// <summary>The program <c>quilt-shim</c>.</summary>
    public required string ShimProgram { get; init; }

    /// <summary>The group above all containers' groups, relative to the hierarchies' roots.</summary>
    public string CgroupParent { get; init; } = "quilt";

    /// <summary>Where the engines of a host agree on who has which host ids.</summary>
    public string HostIdClaims { get; init; } = "/var/lib/quilt-host-ids";

    /// <summary>How many shims wait, each with some 2 MiB, so that a container need not.</summary>
    public int WarmShims { get; init; } = 4;

    /// <summary>Whom names of the outside are asked of, all on one port; empty: the host's name servers (resolv.conf(5)).</summary>
    public IReadOnlyList<IPEndPoint> NameServers { get; init; } = [];

    /// <summary>The IPv4 range, in CIDR form, that connected containers have their addresses from. It is the fabric's own: no route of the host's leads there.</summary>
    public string NetworkPool { get; init; } = "10.201.0.0/16";

    /// <summary>The IPv4 range, in CIDR form, that networks have their subnets from where none is asked for, each a /24.</summary>
    public string NetworkSubnets { get; init; } = "10.202.0.0/15";

    /// <summary>Bytes that images may take on the disk, packed and unpacked; null is no limit.</summary>
    public long? ImagesMostBytes { get; init; }

    /// <summary>A log file is closed at this size.</summary>
    public long LogMaxBytes { get; init; } = 16 << 20;

    /// <summary>How many log files of a container are kept.</summary>
    public int LogMaxFiles { get; init; } = 4;

    /// <summary>How many events are kept, at least.</summary>
    public int EventsKept { get; init; } = 100_000;
}
