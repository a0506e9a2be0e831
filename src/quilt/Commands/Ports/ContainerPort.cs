using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A port of a container, as it is written: <c>PORT[/PROTOCOL]</c>.</summary>
internal sealed record ContainerPort(int Port, string Protocol)
{
    private const string Argument = "PORT";

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static ContainerPort Parse(string text)
    {
        (string number, string? protocol) = PortProtocol.Split(text, Argument, PortProtocol.OfContainer);
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535
            ? new ContainerPort(port, protocol ?? "tcp")
            : throw QuiltException.Invalid(Argument, $"'{text}' is no port", "give a number from 1 to 65535, with /udp or /sctp behind it where it is not tcp");
    }

    internal ToolArguments Add(ToolArguments arguments) => arguments.Add("port", Port).Add("protocol", Protocol);
}
