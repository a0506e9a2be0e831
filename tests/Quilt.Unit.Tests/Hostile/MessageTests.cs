using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using Quilt.Fuzzing;
using Quilt.Linux;
using Quilt.Network;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>Binary messages: of the kernel's network, and of name servers and those who ask ours.</summary>
public sealed class MessageTests
{
    [Fact]
    public void A_netlink_message_damaged_anywhere_is_read_within_it_or_refused()
    {
        byte[] valid = new NetlinkRequest(16, NetlinkFlags.Dump, new byte[16]).Nest(7, inside => inside.Put(3, "eth0").Put(20, [1, 2, 3, 4, 5, 6, 7, 8]).Put(1, [1, 2])).Put(2, [9, 9, 9, 9]).Finish(1).ToArray();
        Fuzz.Run(Mutated.Bytes(valid), bytes =>
        {
            try
            {
                ReadOnlySpan<byte> rest = bytes;
                while (!rest.IsEmpty)
                {
                    int before = rest.Length;
                    ReadOnlySpan<byte> payload = NetlinkMessage.Read(ref rest).Payload;
                    Assert.InRange(rest.Length, 0, before - 1);
                    NetlinkAttributes attributes = new(payload.Length > 16 ? payload[16..] : payload);
                    while (attributes.Next())
                    {
                        _ = (attributes.Number, attributes.BigEndianNumber, attributes.Text, NetlinkAttributes.Find(attributes.Value, 20).Length);
                    }
                }
            }
            catch (InvalidDataException)
            {
                // What is told as no message is a right answer.
            }
        }, iterations: 10_000);
    }

    /// <summary>The library that reads them runs in the daemon, and both sides of it are hostile: who asks, and who answers.</summary>
    [Fact]
    public void A_message_of_names_damaged_anywhere_is_read_or_refused_in_bounded_memory()
    {
        byte[][] valid =
        [
            [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, .. "deb"u8, 6, .. "debian"u8, 3, .. "org"u8, 0, 0, 1, 0, 1],
            [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0, 3, .. "deb"u8, 6, .. "debian"u8, 3, .. "org"u8, 0, 0, 1, 0, 1,
             0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, .. "m"u8, 0xc0, 12, 0xc0, 0x2c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4],
            [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, .. "a"u8, 0xc0, 12, 0, 28, 0, 1, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0],
        ];
        Assert.Equal("deb.debian.org.", DnsMessage.Parse(valid[0]).Questions[0].Name.ToString());
        Assert.Equal(2, DnsMessage.Parse(valid[1]).AnswerRecords.Count);
        Fuzz.Run(Mutated.Bytes(valid), bytes =>
        {
            try
            {
                Fuzz.Bounded(() =>
                {
                    DnsMessage message = DnsMessage.Parse(bytes);
                    _ = message.Questions.Select(q => q.Name.ToString()).Count();
                    _ = message.AnswerRecords.OfType<CNameRecord>().Select(a => a.CanonicalName.ToString()).Count();
                });
            }
            catch (Exception e) when (e is not (OutOfMemoryException or Xunit.Sdk.XunitException))
            {
                // Its server and its client take whatever it throws for a message that is none.
            }
        }, iterations: 5000);
    }

    [Fact]
    public void A_stored_target_of_an_edge_is_read_as_it_was_written_or_refused() => Fuzz.Run(Mutated.Text("name:*.debian.org", "range:10.0.0.0/8", "range:fd00::/64", "host:", "network:0123456789ab", "container:0123456789abcdef0123456789abcdef"), text =>
    {
        try
        {
            EdgeTarget target = EdgeTarget.Parse(text);
            Assert.Equal(target, EdgeTarget.Parse(target.Text));
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or Quilt.Core.QuiltException)
        {
            // Refused.
        }
    });
}
