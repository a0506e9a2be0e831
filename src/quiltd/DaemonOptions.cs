using Quilt.Engine;

namespace Quilt.Daemon;

/// <summary>What quiltd was started with.</summary>
/// <param name="Socket">Where it listens, unless systemd hands it a socket.</param>
internal sealed record DaemonOptions(EngineOptions Engine, string Socket, DateTimeOffset StartedAt)
{
    /// <summary>The group whose members may ask, where the host has it.</summary>
    internal const string Group = "quilt";
}
