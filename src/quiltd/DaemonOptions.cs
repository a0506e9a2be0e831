using Quilt.Aria;
using Quilt.Engine;

namespace Quilt.Daemon;

/// <summary>What quiltd was started with.</summary>
/// <param name="Socket">Where it listens, unless systemd hands it a socket.</param>
internal sealed record DaemonOptions(EngineOptions Engine, string Socket, DateTimeOffset StartedAt)
{
    /// <summary>Where it listens for plain HTTP and MCP, for root and the group too.</summary>
    internal required string HttpSocket { get; init; }

    /// <summary>ADDRESS:PORT of HTTP with TLS; null is none.</summary>
    internal string? Http { get; init; }

    /// <summary>PEM files; null: a certificate of its own.</summary>
    internal string? HttpCertificate { get; init; }
    internal string? HttpKey { get; init; }
    internal IReadOnlyList<string> HttpNames { get; init; } = [];

    /// <summary>URL of the collector that spans go to; null is none.</summary>
    internal string? Otlp { get; init; }

    /// <summary>ADDRESS:PORT of the dashboard; null is none.</summary>
    internal string? Dashboard { get; init; }
    internal required AgentLayerOptions Agents { get; init; }

    /// <summary>The group whose members may ask, where the host has it.</summary>
    internal const string Group = "quilt";
}
