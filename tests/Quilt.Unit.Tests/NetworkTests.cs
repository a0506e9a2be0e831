using System.Net;
using CsCheck;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Network;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>Addresses, and the reading of what the kernel answers.</summary>
public sealed class NetworkTests
{
    private static readonly IPNetwork Range6 = IPNetwork.Parse("fd51:7175:696c:7400::/64");

    [Fact]
    public void Each_number_has_addresses_of_its_own_within_the_range()
    {
        AddressPool pool = new("10.9.8.0/28", Range6);
        Endpoint[] all = [.. Enumerable.Range(0, (int)pool.Capacity).Select(n => pool.Endpoint((uint)n))];
        Assert.Equal(13u, pool.Capacity);
        Assert.Equal(("10.9.8.2", "10.9.8.14"), (all[0].Address.ToString(), all[^1].Address.ToString()));
        Assert.Equal("fd51:7175:696c:7400::2", all[0].Address6.ToString());
        Assert.All(all, e => Assert.True(pool.Range.Contains(e.Address) && pool.Range6.Contains(e.Address6)));
        Assert.Equal(all.Length, all.Select(e => e.Address).Distinct().Count());
        Assert.Equal(all.Length, all.Select(e => e.Hardware).Distinct().Count());
        Assert.DoesNotContain(all, e => e.Address.Equals(pool.Own));
        Assert.All(all, e => Assert.Equal(2, e.Hardware.GetAddressBytes()[0] & 3)); // local, and of one
    }

    [Theory]
    [InlineData("10.0.0.0/7")]
    [InlineData("10.0.0.0/30")]
    [InlineData("fd00::/64")]
    [InlineData("everything")]
    public void A_range_that_does_not_fit_is_refused_by_its_name(string range)
    {
        QuiltException error = Assert.Throws<QuiltException>(() => new AddressPool(range, Range6));
        Assert.Equal((ErrorCode.InvalidArgument, "networkPool"), (error.Code, error.Field));
    }

    [Fact]
    public void Whatever_bytes_there_are_reading_them_ends_within_them() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        try
        {
            ReadOnlySpan<byte> rest = bytes;
            while (!rest.IsEmpty)
            {
                int before = rest.Length;
                Walk(NetlinkMessage.Read(ref rest).Payload, depth: 0);
                Assert.True(rest.Length < before);
            }
        }
        catch (InvalidDataException)
        {
            // What is told as no message is a right answer.
        }
    });

    [Fact]
    public void Attributes_are_read_as_they_were_written() => Gen.Select(Gen.Int[1, 100], Gen.Byte.Array[0, 40]).Array[0, 8].Sample(attributes =>
    {
        NetlinkRequest request = new(1, NetlinkFlags.None, []);
        request.Nest(7, inside =>
        {
            foreach ((int kind, byte[] value) in attributes)
            {
                inside.Put(kind, value);
            }
        });
        ReadOnlySpan<byte> bytes = request.Finish(1);
        NetlinkMessage message = NetlinkMessage.Read(ref bytes);
        NetlinkAttributes read = new(NetlinkAttributes.Find(message.Payload, 7));
        foreach ((int kind, byte[] value) in attributes)
        {
            Assert.True(read.Next());
            Assert.Equal(kind, read.Kind);
            Assert.Equal(value, read.Value.ToArray());
        }

        Assert.False(read.Next());
        Assert.True(bytes.IsEmpty);
    });

    private static void Walk(ReadOnlySpan<byte> bytes, int depth)
    {
        NetlinkAttributes attributes = new(bytes);
        while (attributes.Next())
        {
            _ = (attributes.Number, attributes.BigEndianNumber, attributes.Text);
            if (depth < 3)
            {
                try
                {
                    Walk(attributes.Value, depth + 1);
                }
                catch (InvalidDataException)
                {
                    // It was no nest.
                }
            }
        }
    }
}
