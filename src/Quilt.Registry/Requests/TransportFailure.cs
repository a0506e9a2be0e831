using System.Net.Sockets;
using System.Security.Authentication;
using Quilt.Core;

namespace Quilt.Registry;

/// <summary>No connection, or one that broke: why, in words.</summary>
internal static class TransportFailure
{
    internal static bool Is(Exception e) => e is HttpRequestException or IOException or TimeoutException;

    /// <param name="server">Whom it was about.</param>
    internal static Failure Of(Exception e, string server)
    {
        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case QuiltException own: // thrown while it connected
                    return new Failure(own);
                case AuthenticationException tls:
                    return new Failure(new QuiltException(
                        ErrorCode.FailedPrecondition, $"no encrypted connection to the registry {server}: {Text.Printable(tls.Message)}",
                        "have the operator name the authority's certificate (caFile) in registries.json, or mark the registry as insecure there", inner: e));
                case SocketException socket:
                    return Unreachable(e, server, Reason(socket), socket.SocketErrorCode is not (SocketError.HostNotFound or SocketError.NoData));
                case TimeoutException timeout:
                    return Unreachable(e, server, timeout.Message, mayPass: true);
                case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: IOException }:
                    return Unreachable(e, server, "the connection ended before it was encrypted", mayPass: true);
                case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse }:
                    // Its own message quotes the answer, in which there may be a token.
                    return Unreachable(e, server, "what it answers is no HTTP", mayPass: true);
            }
        }

        return Unreachable(e, server, Text.Printable(e.Message), mayPass: true);
    }

    private static string Reason(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData => "its name is not known (DNS)",
        SocketError.TryAgain => "its name cannot be looked up now (DNS)",
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset => "the connection was reset",
        SocketError.NetworkUnreachable or SocketError.HostUnreachable => "there is no way to it",
        SocketError.TimedOut => "it does not answer",
        _ => Text.Printable(e.Message),
    };

    private static Failure Unreachable(Exception e, string server, string why, bool mayPass) => new(
        new QuiltException(ErrorCode.Unavailable, $"the registry {server} cannot be reached: {why}", "see that the registry's name is right and that this host reaches it", inner: e), mayPass);
}
