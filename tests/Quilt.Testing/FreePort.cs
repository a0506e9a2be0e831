using System.Net;
using System.Net.Sockets;

namespace Quilt.Testing;

public static class FreePort
{
    /// <summary>A port of 127.0.0.1 that nobody listens on at the moment.</summary>
    public static int Find()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
