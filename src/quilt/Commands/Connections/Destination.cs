using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Where an edge goes, as it is written: <c>TO:PORT[/PROTOCOL]</c>.</summary>
internal sealed record Destination(string To, int Port, string Protocol)
{
    private static readonly string[] Protocols = ["tcp", "udp", "sctp"];

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static Destination Parse(string text)
    {
        // What comes before the last colon may have others: an IPv6 address in brackets. What comes after may have a slash, and so may a range before.
        int colon = text.LastIndexOf(':');
        (string number, string protocol) = text[(colon + 1)..].Split('/') is [var before, var after] ? (before, after) : (text[(colon + 1)..], "tcp");
        if (colon <= 0 || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65535)
        {
            throw QuiltException.Invalid("TO:PORT", $"'{text}' does not say where to", "give CONTAINER:PORT, such as db:5432, or NAME:PORT, CIDR:PORT or host:PORT, with a port from 1 to 65535");
        }

        return Protocols.Contains(protocol)
            ? new Destination(text[..colon].Trim('[', ']'), port, protocol)
            : throw QuiltException.Invalid("TO:PORT", $"'{protocol}' in '{text}' is no protocol", $"use one of: {string.Join(", ", Protocols)}");
    }

    internal ToolArguments Add(ToolArguments arguments) => arguments
        .Add("to", To)
        .Add("port", Port)
        .Add("protocol", Protocol);
}
