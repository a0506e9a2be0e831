using System.Net;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Where the dashboard is served: this host alone, in plain HTTP, which then crosses no wire.</summary>
internal sealed record DashboardEndpoint(IPEndPoint Address)
{
    /// <summary>As a browser on this host may call it. Another name that leads here is a foreign page's (DNS rebinding).</summary>
    internal IReadOnlyList<string> Hosts { get; } = [Address.ToString(), $"localhost:{Address.Port}"];

    internal string Url => $"http://{Address}/";

    /// <param name="text">ADDRESS:PORT.</param>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static DashboardEndpoint Parse(string text) =>
        !IPEndPoint.TryParse(text, out IPEndPoint? address) || address.Port == 0
            ? throw QuiltException.Invalid("--dashboard", $"--dashboard '{text}' is no address with a port", "give one such as 127.0.0.1:7420 or [::1]:7420")
            : !IPAddress.IsLoopback(address.Address)
                ? throw QuiltException.Invalid(
                    "--dashboard", $"--dashboard '{text}' is no loopback address, and the dashboard has no TLS", "give 127.0.0.1:PORT; from elsewhere, forward the port: ssh -L PORT:127.0.0.1:PORT HOST")
                : new DashboardEndpoint(address);
}
