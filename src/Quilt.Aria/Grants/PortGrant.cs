using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Quilt.Aria;

/// <summary>Ports of the host that may be published.</summary>
public sealed record PortGrant
{
    [Description("The first port.")]
    [Range(1, 65535)]
    public required int From { get; init; }

    [Description("The last port.")]
    [Range(1, 65535)]
    public required int To { get; init; }

    [Description("Also on addresses other than 127.0.0.1 and ::1.")]
    public bool AnyAddress { get; init; }

    /// <param name="address">The host's.</param>
    internal bool Allows(int port, IPAddress address) => From <= port && port <= To && (AnyAddress || IPAddress.IsLoopback(address));

    internal bool Covers(PortGrant narrow) => From <= narrow.From && narrow.To <= To && (AnyAddress || !narrow.AnyAddress);
}
