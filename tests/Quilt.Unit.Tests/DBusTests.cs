using System.Text;
using CsCheck;
using Quilt.OciRuntime.Systemd.DBus;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>Messages as they are on the wire. That systemd understands them, tests/systemd.sh tries.</summary>
public sealed class DBusTests
{
    [Fact]
    public void A_value_begins_at_a_multiple_of_its_size()
    {
        MessageWriter writer = new();
        writer.Byte(1);
        writer.UInt32(2);
        writer.Text("ab");
        writer.UInt64(3);
        Assert.Equal("01-00-00-00-02-00-00-00-02-00-00-00-61-62-00-00-03-00-00-00-00-00-00-00", Hex(writer));
    }

    [Fact]
    public void An_array_says_how_long_its_elements_are_without_what_is_before_them()
    {
        MessageWriter writer = new();
        writer.Array(8, (string[])["a", "b"], writer.Text);
        Assert.Equal("0E-00-00-00-00-00-00-00-01-00-00-00-61-00-00-00-01-00-00-00-62-00", Hex(writer));
        MessageWriter none = new();
        none.Array<string>(8, [], none.Text);
        Assert.Equal("00-00-00-00-00-00-00-00", Hex(none));
    }

    public static TheoryData<string, string> Variants => new()
    {
        { "01-73-00-00-01-00-00-00-61-00", "s" },
        { "01-62-00-00-01-00-00-00", "b" },
        { "01-74-00-00-00-00-00-00-05-00-00-00-00-00-00-00", "t" },
        { "02-61-79-00-02-00-00-00-07-02", "ay" },
        { "02-61-75-00-04-00-00-00-09-00-00-00", "au" },
        { "02-61-73-00-00-00-00-00", "as" },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_property_says_of_what_type_it_is(string expected, string type)
    {
        MessageWriter writer = new();
        writer.Variant(type switch
        {
            "s" => new PropertyValue.Text("a"),
            "b" => new PropertyValue.Flag(true),
            "t" => new PropertyValue.Number(5),
            "ay" => new PropertyValue.Bytes([7, 2]),
            "au" => new PropertyValue.Processes(9),
            _ => new PropertyValue.Texts(),
        });
        Assert.Equal(expected, Hex(writer));
    }

    [Fact]
    public void A_message_is_read_as_it_was_written()
    {
        MessageWriter body = new();
        body.Text("unit");
        byte[] bytes = Message.Call(7, "to", "/path", "interface", "Member", "s", body.ToArray());
        Assert.Equal(bytes.Length - Message.PrefixLength, Message.LengthOfRest(bytes.AsSpan(0, Message.PrefixLength)));
        Message message = Message.Parse(bytes.AsSpan(0, Message.PrefixLength), bytes.AsSpan(Message.PrefixLength));
        Assert.Equal((MessageKind.Call, "Member"), (message.Kind, message.Member));
        Assert.Equal("unit", new MessageReader(message.Body).Text());
    }

    [Fact]
    public void Bytes_that_are_no_message_are_refused_and_do_nothing_else() => Gen.Byte.Array[0, 200].Sample(noise =>
    {
        byte[] bytes = Message.Call(7, "to", "/path", "interface", "Member", "s", Encoding.ASCII.GetBytes("body"));
        for (int i = 0; i + 1 < noise.Length; i += 2)
        {
            bytes[noise[i] % bytes.Length] = noise[i + 1];
        }

        try
        {
            byte[] rest = new byte[Message.LengthOfRest(bytes.AsSpan(0, Message.PrefixLength))];
            bytes.AsSpan(Message.PrefixLength, Math.Min(rest.Length, bytes.Length - Message.PrefixLength)).CopyTo(rest);
            Message message = Message.Parse(bytes.AsSpan(0, Message.PrefixLength), rest);
            _ = new MessageReader(message.Body).Text();
        }
        catch (DBusException)
        {
            // The only way out.
        }
    });

    private static string Hex(MessageWriter writer) => BitConverter.ToString(writer.ToArray());
}
