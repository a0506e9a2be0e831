using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A port of a container, as it is written: <c>PORT[/PROTOCOL]</c>.</summary>
internal sealed record ContainerPort(int Port, string Protocol)
{
    private const string Argument = "PORT";

    /// <param name="protocols">That it can have here, the usual one first; null for all.</param>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static ContainerPort Parse(string text, string[]? protocols = null)
    {
        string[] all = protocols ?? PortProtocol.OfContainer;
        (string number, string? protocol) = PortProtocol.Split(text, Argument, all);
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535
            ? new ContainerPort(port, protocol ?? all[0])
            : throw QuiltException.Invalid(Argument, $"'{text}' is no port", $"give a number from 1 to 65535, with /{string.Join(" or /", all[1..])} behind it where it is not {all[0]}");
    }

    internal ToolArguments Add(ToolArguments arguments) => arguments.Add("port", Port).Add("protocol", Protocol);
}
