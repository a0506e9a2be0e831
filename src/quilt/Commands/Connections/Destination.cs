using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Where an edge goes, as it is written: <c>CONTAINER:PORT[/PROTOCOL]</c>.</summary>
internal sealed record Destination(string Container, int Port, string Protocol)
{
    private static readonly string[] Protocols = ["tcp", "udp", "sctp"];

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static Destination Parse(string text)
    {
        (string rest, string protocol) = text.Split('/') is [var before, var after] ? (before, after) : (text, "tcp");
        int colon = rest.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65535)
        {
            throw QuiltException.Invalid("TO:PORT", $"'{text}' names no container and port", "give CONTAINER:PORT, such as db:5432, with a port from 1 to 65535");
        }

        return Protocols.Contains(protocol)
            ? new Destination(rest[..colon], port, protocol)
            : throw QuiltException.Invalid("TO:PORT", $"'{protocol}' in '{text}' is no protocol", $"use one of: {string.Join(", ", Protocols)}");
    }

    internal ToolArguments Add(ToolArguments arguments) => arguments
        .Add("to", Container)
        .Add("port", Port)
        .Add("protocol", Protocol);
}
