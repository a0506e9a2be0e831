using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Quilt.Daemon;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class ConnectionLimitTests
{
    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8::1", "2001:db8::2:3:4:5", "2001:db8:0:1::1")]
    [InlineData("fe80::1%2", "fe80::1%3", "192.0.2.1")]
    public void One_address_has_its_part_and_leaves_the_rest_to_others(string address, string theSame, string another)
    {
        ConnectionLimit limit = new(most: 5, mostOfOne: 3, NullLogger.Instance);
        Assert.Equal([true, true, true, false, false], Enter(address, theSame, address, theSame, address));
        Assert.Equal([true, true, false], Enter(another, another, another));
        limit.Leave(IPAddress.Parse(theSame));
        Assert.Equal([true, false], Enter(another, another));
        limit.Leave(IPAddress.Parse(another));
        Assert.Equal([true, false], Enter(address, another));

        bool[] Enter(params string[] from) => [.. from.Select(f => limit.TryEnter(IPAddress.Parse(f)))];
    }
}
