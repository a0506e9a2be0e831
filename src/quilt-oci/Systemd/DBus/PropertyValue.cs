namespace Quilt.OciRuntime.Systemd.DBus;

/// <summary>A value that says of what type it is (D-Bus's variant), of those that properties of units have.</summary>
internal abstract record PropertyValue
{
    private PropertyValue()
    {
    }

    internal sealed record Text(string Value) : PropertyValue;

    internal sealed record Flag(bool Value) : PropertyValue;

    internal sealed record Number(ulong Value) : PropertyValue;

    internal sealed record Bytes(byte[] Values) : PropertyValue;

    internal sealed record Processes(params uint[] Pids) : PropertyValue;

    internal sealed record Texts(params string[] Values) : PropertyValue;
}
