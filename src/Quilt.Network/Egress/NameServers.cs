using System.Net;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;

namespace Quilt.Network;

/// <summary>Asks name servers of the outside for the addresses of a name. Nothing is kept: what is said is as old as the answer.</summary>
/// <param name="servers">All on one port; empty: those of resolv.conf(5).</param>
internal sealed class NameServers(IReadOnlyList<IPEndPoint> servers)
{
    private const string Settings = "/etc/resolv.conf";
    private const int PatienceMillis = 5000, LongestChain = 8;
    private readonly Lock _lock = new();
    private (DateTime ReadAt, DnsClient Client)? _known;

    /// <summary>Empty where it has none, or no server answers.</summary>
    internal async Task<IReadOnlyList<IPAddress>> AddressesOfAsync(string name, CancellationToken cancellation)
    {
        IReadOnlyList<IPAddress>[] found = await Task.WhenAll(
            AskAsync(DomainName.Parse(name), RecordType.A, cancellation), AskAsync(DomainName.Parse(name), RecordType.Aaaa, cancellation)).ConfigureAwait(false);
        return [.. found.SelectMany(f => f)];
    }

    /// <summary>A server that looks a name up for others tells the whole chain of its aliases (CNAME); where it does not, we go on.</summary>
    private async Task<IReadOnlyList<IPAddress>> AskAsync(DomainName name, RecordType type, CancellationToken cancellation)
    {
        for (int step = 0; step < LongestChain; step++)
        {
            DnsMessage? answer = await Client().ResolveAsync(name, type, RecordClass.INet, null, cancellation).ConfigureAwait(false);
            if (answer is not { ReturnCode: ReturnCode.NoError })
            {
                return [];
            }

            if (answer.AnswerRecords.OfType<AddressRecordBase>().ToArray() is { Length: > 0 } addresses)
            {
                return [.. addresses.Select(a => a.Address)];
            }

            if (answer.AnswerRecords.OfType<CNameRecord>().LastOrDefault() is not { } alias)
            {
                return [];
            }

            name = alias.CanonicalName;
        }

        return [];
    }

    /// <summary>The host's servers can change at any time.</summary>
    private DnsClient Client()
    {
        DateTime changedAt = servers.Count == 0 ? File.GetLastWriteTimeUtc(Settings) : default;
        lock (_lock)
        {
            if (_known is not { } known || known.ReadAt != changedAt)
            {
                DnsClient client = servers.Count == 0
                    ? new DnsClient(DnsClient.GetLocalConfiguredDnsServers(), PatienceMillis)
                    : new DnsClient(servers.Select(s => s.Address), [new UdpClientTransport(servers[0].Port), new TcpClientTransport(servers[0].Port)], disposeTransport: true, PatienceMillis);
                _known = known = (changedAt, client);
            }

            return known.Client;
        }
    }
}
