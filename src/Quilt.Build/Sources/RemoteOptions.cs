using System.Net;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>What ADD may bring in from elsewhere, and how much.</summary>
public sealed record RemoteOptions
{
    /// <summary>Whether a name that resolved to an address may be connected to. Asked of every redirect too.</summary>
    public Func<DnsEndPoint, IPAddress, bool> MayDial { get; init; } = (_, address) => PublicAddress.Is(address);

    /// <summary>Of one file, and of a repository's largest.</summary>
    public long MostBytes { get; init; } = 4L << 30;

    /// <summary>Of the daemon: in the names of the folders that git works in.</summary>
    public string Instance { get; init; } = "";

    /// <summary>For one file or repository, all of it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);
}
