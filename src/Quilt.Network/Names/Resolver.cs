using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using Microsoft.Extensions.Logging;

namespace Quilt.Network;

/// <summary>
/// The containers' name server. It knows names along edges alone: what the asker may not reach has no name for it. Who asks is told by
/// the address, which the rules have made sure of.
/// </summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc1035"/>
internal sealed partial class Resolver : IDisposable
{
    internal const int Port = 53;

    // An edge can go at any moment.
    private const int SecondsToLive = 1;
    private readonly DnsServer _server;
    private readonly Func<IPAddress, string, CancellationToken, Task<NameAnswer?>> _lookUp;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ended = new();

    private Resolver(IPEndPoint own, Func<IPAddress, string, CancellationToken, Task<NameAnswer?>> lookUp, ILogger logger)
    {
        (_lookUp, _logger) = (lookUp, logger);
        _server = new DnsServer(new UdpServerTransport(own), new QuestionStreams(own));
        _server.QueryReceived += AnswerAsync;
        _server.ExceptionThrown += TellAsync;
    }

    /// <summary>Listens in the fabric's namespace.</summary>
    /// <param name="lookUp">See <see cref="FabricCalls"/>.</param>
    internal static Resolver Start(FabricNamespace fabric, IPAddress address, Func<IPAddress, string, CancellationToken, Task<NameAnswer?>> lookUp, ILogger logger) => fabric.Run(() =>
    {
        Resolver resolver = new(new IPEndPoint(address, Port), lookUp, logger);
        resolver._server.Start();
        return resolver;
    });

    public void Dispose()
    {
        _ended.Cancel();
        _server.Stop();
    }

    private async Task AnswerAsync(object sender, QueryReceivedEventArgs asked)
    {
        if (asked.Query is not DnsMessage { IsQuery: true } query || asked.RemoteEndpoint is null)
        {
            return;
        }

        DnsMessage answer = query.CreateResponseInstance();
        answer.IsRecursionAllowed = true;
        asked.Response = answer;
        if (query.OperationCode != OperationCode.Query || query.Questions.Count != 1)
        {
            answer.ReturnCode = ReturnCode.NotImplemented;
            return;
        }

        DnsQuestion question = query.Questions[0];
        NameAnswer? found = await _lookUp(asked.RemoteEndpoint.Address, question.Name.ToString().TrimEnd('.').ToLowerInvariant(), _ended.Token).ConfigureAwait(false);
        answer.ReturnCode = found is null ? ReturnCode.NxDomain : ReferenceEquals(found, NameAnswer.Busy) ? ReturnCode.ServerFailure : ReturnCode.NoError;
        AddressFamily? wanted = question.RecordType switch
        {
            RecordType.A => AddressFamily.InterNetwork,
            RecordType.Aaaa => AddressFamily.InterNetworkV6,
            _ => null,
        };
        answer.AnswerRecords.AddRange((found?.Addresses ?? []).Where(a => a.AddressFamily == wanted).Select(a => Record(question.Name, a)));
    }

    private static AddressRecordBase Record(DomainName name, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? new AaaaRecord(name, SecondsToLive, address) : new ARecord(name, SecondsToLive, address);

    /// <summary>Such as a message that is none: whoever sent it gets no answer.</summary>
    private Task TellAsync(object sender, ExceptionEventArgs thrown)
    {
        LogBadQuery(thrown.Exception);
        return Task.CompletedTask;
    }

    [LoggerMessage(EventId = 91, Level = LogLevel.Debug, Message = "a container asked for names in no way that is understood")]
    private partial void LogBadQuery(Exception failure);
}
