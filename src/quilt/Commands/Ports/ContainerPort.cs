using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A port of a container, as it is written: <c>PORT[/PROTOCOL]</c>.</summary>
internal sealed record ContainerPort(int Port, string Protocol)
{
    private static readonly string[] Protocols = ["tcp", "udp", "sctp"];

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static ContainerPort Parse(string text)
    {
        (string number, string protocol) = text.Split('/') is [var before, var after] ? (before, after) : (text, "tcp");
        return !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65535
            ? throw QuiltException.Invalid("PORT", $"'{text}' is no port", "give a number from 1 to 65535, with /udp or /sctp behind it where it is not tcp")
            : Protocols.Contains(protocol)
            ? new ContainerPort(port, protocol)
            : throw QuiltException.Invalid("PORT", $"'{protocol}' in '{text}' is no protocol", $"use one of: {string.Join(", ", Protocols)}");
    }

    internal ToolArguments Add(ToolArguments arguments) => arguments.Add("port", Port).Add("protocol", Protocol);
}
