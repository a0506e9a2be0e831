namespace Quilt.OciRuntime.Systemd.DBus;

/// <summary>A call was answered with an error, or the connection is of no more use.</summary>
/// <param name="name">The error's, such as <c>org.freedesktop.DBus.Error.ServiceUnknown</c>; null where it is the connection's.</param>
internal sealed class DBusException(string? name, string message) : Exception(message)
{
    internal string? Name { get; } = name;
}
