namespace Quilt.Network;

/// <summary>What this host's kernel offers.</summary>
internal static class NetworkHost
{
    /// <summary>False where it was started without (ipv6.disable=1), or built.</summary>
    internal static bool HasIpv6 { get; } = Directory.Exists("/proc/sys/net/ipv6");
}
