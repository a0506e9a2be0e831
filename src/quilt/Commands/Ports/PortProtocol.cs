using Quilt.Core;

namespace Quilt.Cli;

/// <summary>The protocol of a port, as it is written after it: <c>/udp</c>.</summary>
internal static class PortProtocol
{
    /// <summary>Of a port of the host's, or one that is waited for; and of one of a container's.</summary>
    internal static readonly string[] OfHost = ["tcp", "udp"], OfContainer = ["tcp", "udp", "sctp"];

    /// <returns>What comes before it, and the protocol; null where none is written.</returns>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static (string Port, string? Protocol) Split(string text, string argument, string[] all)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (text, null)
            : all.Contains(text[(slash + 1)..]) ? (text[..slash], text[(slash + 1)..])
            : throw QuiltException.Invalid(argument, $"'{text[(slash + 1)..]}' in '{text}' is no protocol that such a port can have", $"use one of: {string.Join(", ", all)}");
    }

    /// <summary>A port of the host's as unbind takes it.</summary>
    internal static string HostPort(ToolAnswer port) => $"{port["hostAddress"].Text}{(port["protocol"].Text == "udp" ? "/udp" : "")}";

    /// <summary>The container's.</summary>
    internal static string Port(ToolAnswer port) => port["protocol"].IsThere ? $"{port["port"].Text}/{port["protocol"].Text}" : port["port"].Text;
}
