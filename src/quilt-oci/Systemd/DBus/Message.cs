namespace Quilt.OciRuntime.Systemd.DBus;

/// <summary>What kind of message it is; the numbers are the protocol's.</summary>
internal enum MessageKind : byte
{
    Call = 1,
    Answer,
    Error,
    Signal,
}

/// <summary>A message that was received.</summary>
/// <param name="AnswerTo">The serial number of the call that it answers; 0 for a signal.</param>
/// <param name="Sender">Who sent it, as the bus says; null without a bus.</param>
/// <param name="ErrorName">An error's, such as <c>org.freedesktop.DBus.Error.ServiceUnknown</c>.</param>
/// <seealso href="https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-messages"/>
internal sealed record Message(MessageKind Kind, uint AnswerTo, string? Sender, string? Member, string? ErrorName, byte[] Body)
{
    /// <summary>What tells how long the rest is.</summary>
    internal const int PrefixLength = 16;

    /// <summary>Of anything that systemd tells us; the protocol allows 128 MiB.</summary>
    private const uint Longest = 1 << 20;

    private const byte LittleEndian = (byte)'l', Version = 1;
    private const byte PathField = 1, InterfaceField = 2, MemberField = 3, ErrorNameField = 4, AnswerField = 5, DestinationField = 6, SenderField = 7, SignatureField = 8;

    internal static byte[] Call(uint serial, string destination, string path, string @interface, string member, string signature, byte[] body)
    {
        MessageWriter writer = new();
        writer.Byte(LittleEndian);
        writer.Byte((byte)MessageKind.Call);
        writer.Byte(0);
        writer.Byte(Version);
        writer.UInt32((uint)body.Length);
        writer.UInt32(serial);
        (byte Code, string Type, string Value)[] fields =
            [(PathField, "o", path), (InterfaceField, "s", @interface), (MemberField, "s", member), (DestinationField, "s", destination), (SignatureField, "g", signature)];
        writer.Array(8, fields.Where(f => f.Value.Length > 0), field =>
        {
            writer.Byte(field.Code);
            writer.Signature(field.Type);
            if (field.Type == "g")
            {
                writer.Signature(field.Value);
            }
            else
            {
                writer.Text(field.Value);
            }
        });
        writer.Align(8);
        return [.. writer.ToArray(), .. body];
    }

    /// <summary>How many bytes follow a message's first <see cref="PrefixLength"/>.</summary>
    internal static int LengthOfRest(ReadOnlySpan<byte> prefix)
    {
        (uint fields, uint body) = Lengths(prefix);
        return (int)(Padded(fields) + body);
    }

    internal static Message Parse(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> rest)
    {
        (uint length, _) = Lengths(prefix);
        Message message = new((MessageKind)prefix[1], 0, null, null, null, rest[(int)Padded(length)..].ToArray());
        MessageReader fields = new(rest[..(int)length]);
        while (!fields.IsAtEnd)
        {
            fields.Align(8);
            byte code = fields.Byte();
            string type = fields.Signature();
            string text = type switch { "s" or "o" => fields.Text(), "g" => fields.Signature(), _ => "" };
            uint number = type == "u" ? fields.UInt32() : 0;
            message = code switch
            {
                MemberField => message with { Member = text },
                ErrorNameField => message with { ErrorName = text },
                AnswerField => message with { AnswerTo = number },
                SenderField => message with { Sender = text },
                _ => message,
            };
        }

        return message;
    }

    private static (uint Fields, uint Body) Lengths(ReadOnlySpan<byte> prefix)
    {
        MessageReader reader = new(prefix);
        byte order = reader.Byte();
        reader.Align(4);
        uint body = reader.UInt32();
        reader.UInt32();
        uint fields = reader.UInt32();
        return order == LittleEndian && fields <= Longest && body <= Longest ? (fields, body) : throw new DBusException(null, "a message is not one that systemd sends");
    }

    private static uint Padded(uint length) => (length + 7) & ~7u;
}
