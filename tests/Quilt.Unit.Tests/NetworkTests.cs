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

    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("172.15.0.1", true)]
    [InlineData("172.16.0.1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    public void What_is_public_may_be_what_a_name_means(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("debian.org", "debian.org", true)]
    [InlineData("debian.org", "deb.debian.org", false)]
    [InlineData("*.debian.org", "deb.debian.org", true)]
    [InlineData("*.debian.org", "a.deb.debian.org", true)]
    [InlineData("*.debian.org", "debian.org", false)]
    [InlineData("*.debian.org", ".debian.org", false)]
    [InlineData("*.debian.org", "notdebian.org", false)]
    public void A_wildcard_is_all_names_below(string pattern, string name, bool matches) => Assert.Equal(matches, new EdgeTarget.Name(pattern).Matches(name));

    [Fact]
    public void Targets_are_read_as_they_were_written() => Assert.All(
        (EdgeTarget[])[new EdgeTarget.Container(ContainerId.New()), new EdgeTarget.Name("*.debian.org"), new EdgeTarget.Range(IPNetwork.Parse("2001:db8::/32")), new EdgeTarget.Range(IPNetwork.Parse("10.0.0.0/8")), new EdgeTarget.Host(), new EdgeTarget.Members("0123456789ab")],
        target => Assert.Equal(target, EdgeTarget.Parse(target.Text)));

    [Fact]
    public void A_container_has_an_address_for_each_name_and_no_more_than_one_may_have()
    {
        OutsideNames names = new((_, _) => Task.FromResult<IReadOnlyList<IPAddress>>([]));
        (ContainerId one, ContainerId other) = (ContainerId.New(), ContainerId.New());
        OutsideNames.Lease first = names.Take(one, "n0.example");
        Assert.Same(first, names.Take(one, "n0.example"));
        Assert.NotSame(first, names.Take(other, "n0.example"));
        Assert.NotSame(first, names.Find(other, first.Address));
        HashSet<IPAddress> all = [.. Enumerable.Range(0, 1024).Select(n => names.Take(one, $"n{n}.example").Address)];
        Assert.Equal(1024, all.Count);
        names.Take(one, "one-more.example");
        Assert.Equal(1024, names.Of(one).Count);
        Assert.Null(names.Find(one, first.Address));
        Assert.All(all, a => Assert.True(OutsideNames.MadeUp.Contains(a)));
    }

    [Fact]
    public void The_name_that_was_not_used_for_longest_makes_place()
    {
        OutsideNames names = new((_, _) => Task.FromResult<IReadOnlyList<IPAddress>>([]));
        ContainerId one = ContainerId.New();
        OutsideNames.Lease[] all = [.. Enumerable.Range(0, 1024).Select(n => names.Take(one, $"n{n}.example"))];
        names.Take(one, "n0.example");
        Assert.NotNull(names.Find(one, all[1].Address));
        names.Take(one, "one-more.example");
        names.Take(one, "and-another.example");
        Assert.Equal([true, true, false, false, true], all.Take(5).Select(l => names.Find(one, l.Address) is not null));
    }

    [Fact]
    public void However_many_names_others_have_a_container_has_addresses_for_its_own()
    {
        OutsideNames names = new((_, _) => Task.FromResult<IReadOnlyList<IPAddress>>([]));
        ContainerId[] containers = [.. Enumerable.Range(0, 130).Select(_ => ContainerId.New())]; // 1024 of each are more than there are addresses
        Assert.All(containers, c => Assert.Equal(1024, Enumerable.Range(0, 1024).Select(n => names.Take(c, $"n{n}.example").Address).Distinct().Count()));
        Assert.All(containers, c => Assert.Equal("n7.example", names.Find(c, names.Take(c, "n7.example").Address)?.Name));
    }

    [Fact]
    public async Task A_name_is_looked_up_once_for_all_who_wait_and_again_for_who_asks_later()
    {
        TaskCompletionSource<IReadOnlyList<IPAddress>> answer = new();
        int asked = 0;
        LookUps lookUps = new((_, _) =>
        {
            Interlocked.Increment(ref asked);
            return answer.Task;
        });
        Task<IReadOnlyList<IPAddress>?>[] waiting = [.. Enumerable.Range(0, 5).Select(_ => lookUps.AddressesOfAsync(ContainerId.New(), "a.example", TestContext.Current.CancellationToken))];
        answer.SetResult([IPAddress.Parse("1.1.1.1")]);
        Assert.All(await Task.WhenAll(waiting), found => Assert.Equal([IPAddress.Parse("1.1.1.1")], found));
        Assert.Equal(1, asked);
        await lookUps.AddressesOfAsync(ContainerId.New(), "a.example", TestContext.Current.CancellationToken);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Of_one_container_so_many_look_ups_are_under_way_and_others_ask_all_the_same()
    {
        TaskCompletionSource<IReadOnlyList<IPAddress>> answer = new();
        LookUps lookUps = new((_, _) => answer.Task);
        (ContainerId one, ContainerId other) = (ContainerId.New(), ContainerId.New());
        Task<IReadOnlyList<IPAddress>?>[] waiting = [.. Enumerable.Range(0, LookUps.MostOfOne).Select(n => lookUps.AddressesOfAsync(one, $"n{n}.example", TestContext.Current.CancellationToken))];
        Assert.Null(await lookUps.AddressesOfAsync(one, "one-more.example", TestContext.Current.CancellationToken));
        Task<IReadOnlyList<IPAddress>?> others = lookUps.AddressesOfAsync(other, "one-more.example", TestContext.Current.CancellationToken);
        answer.SetException(new InvalidOperationException("no server"));
        Assert.All(await Task.WhenAll(waiting.Append(others).Select(async w => await Record.ExceptionAsync(() => w))), e => Assert.IsType<InvalidOperationException>(e));
        await Assert.ThrowsAsync<InvalidOperationException>(() => lookUps.AddressesOfAsync(one, "one-more.example", TestContext.Current.CancellationToken));
    }

    [Fact]
    public void An_address_is_the_number_that_has_it()
    {
        AddressPool pool = new("10.9.8.0/28", Range6);
        for (uint number = 0; number < pool.Capacity; number++)
        {
            Assert.Equal(number, pool.NumberOf(pool.Endpoint(number).Address));
        }

        Assert.All((string[])["10.9.8.0", "10.9.8.1", "10.9.8.15", "10.9.9.2", "fd51:7175:696c:7400::2"], a => Assert.Null(pool.NumberOf(IPAddress.Parse(a))));
    }

    [Fact]
    public void Networks_get_subnets_that_are_free_and_that_no_route_leads_to_where_there_is_a_choice()
    {
        Subnets subnets = new(new AddressPool("10.201.0.0/16", Range6), "10.202.0.0/22");
        List<ContainerNetwork> present = [];
        Assert.Equal("10.202.1.0/24", subnets.Choose(present, [IPNetwork.Parse("10.202.0.0/25")]).ToString());
        Assert.Equal("10.202.0.0/24", subnets.Choose(present, [IPNetwork.Parse("10.0.0.0/8")]).ToString());
        for (int i = 0; i < 4; i++)
        {
            IPNetwork six = subnets.Choose6(present);
            Assert.DoesNotContain(present, n => n.Subnet6.Equals(six));
            present.Add(New($"n{i}", subnets.Choose(present, []), six));
        }

        Assert.Equal(4, present.Select(n => n.Subnet).Distinct().Count());
        Assert.Equal(ErrorCode.ResourceExhausted, Assert.Throws<QuiltException>(() => subnets.Choose(present, [])).Code);
        QuiltException overlap = Assert.Throws<QuiltException>(() => subnets.Require(IPNetwork.Parse("10.202.3.128/25"), present, "a"));
        Assert.Equal((ErrorCode.AlreadyExists, "subnet"), (overlap.Code, overlap.Field));
        Assert.Contains("n3", overlap.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("n3", Assert.Throws<QuiltException>(() => subnets.Require(IPNetwork.Parse("10.202.3.128/25"), present, "b")).Message, StringComparison.Ordinal);
        Assert.All((string[])["10.201.5.0/24", "127.0.0.0/24", "198.18.0.0/24", "10.202.0.0/21"], s => Assert.Throws<QuiltException>(() => subnets.Require(IPNetwork.Parse(s), [], "a")));
        subnets.Require(IPNetwork.Parse("192.168.7.0/24"), present, "a");
    }

    [Fact]
    public void A_rule_of_a_network_spans_its_ranges_and_covers_what_it_lets_pass()
    {
        AddressRange members = new(IPNetwork.Parse("10.202.0.0/24"), IPNetwork.Parse("fd00::/64"));
        (byte[] first, byte[] last) = NetworkRule.Exposed(members, members with { Four = IPNetwork.Parse("10.202.0.9/32") }, TransportProtocol.Tcp, 443).Keys(six: false);
        Assert.Equal([10, 202, 0, 0, 10, 202, 0, 9, 6, 0, 0, 0, 1, 187, 0, 0], first);
        Assert.Equal([10, 202, 0, 255, 10, 202, 0, 9, 6, 0, 0, 0, 1, 187, 0, 0], last);
        Assert.Equal(32, NetworkRule.Open(members).Keys(six: true).First.Length);
        TrackedFlow flow = new([10, 202, 0, 7], 40000, [10, 202, 0, 9], 443, 6);
        Assert.True(NetworkRule.Open(members).Covers(flow));
        Assert.True(NetworkRule.Reach(members, members, TransportProtocol.Tcp, 443).Covers(flow));
        Assert.False(NetworkRule.Reach(members, members, TransportProtocol.Tcp, 80).Covers(flow));
        Assert.False(NetworkRule.Open(members).Covers(flow with { From = [10, 201, 0, 7] }));
    }

    [Fact]
    public void Of_many_who_are_found_by_one_name_others_come_first_each_time()
    {
        AddressPool pool = new("10.9.0.0/16", Range6);
        Endpoint[] all = [.. Enumerable.Range(0, 40).Select(n => pool.Endpoint((uint)n))];
        NameAnswer[] answers = [.. Enumerable.Range(0, 40).Select(_ => NameAnswer.Of(all))];
        Assert.Equal(40, answers.Select(a => a.Addresses[0]).Distinct().Count());
        Assert.All(answers, a => Assert.Equal(16, a.Addresses.Count(x => x.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)));
    }

    private static ContainerNetwork New(string name, IPNetwork subnet, IPNetwork subnet6) =>
        new() { Id = name, Name = name, Policy = NetworkPolicy.Open, Subnet = subnet, Subnet6 = subnet6, Owner = "a", CreatedAt = DateTimeOffset.UnixEpoch };

    [Fact]
    public void An_exit_spans_its_range_from_the_first_to_the_last_address()
    {
        Exit exit = new(IPAddress.Parse("10.201.0.2"), IPNetwork.Parse("192.0.2.0/25"), 443);
        Assert.Equal([10, 201, 0, 2, 192, 0, 2, 0, 1, 187, 0, 0], exit.First);
        Assert.Equal([10, 201, 0, 2, 192, 0, 2, 127, 1, 187, 0, 0], exit.Last);
        Assert.True(exit.Contains(exit with { To = IPNetwork.Parse("192.0.2.64/32") }));
        Assert.False(exit.Contains(exit));
        Assert.False(exit.Contains(exit with { To = IPNetwork.Parse("192.0.2.64/32"), Port = 80 }));
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1/32")]
    [InlineData("2001:db8::1", "2001:db8::1/128")]
    public void An_address_is_a_range_of_one(string address, string range) => Assert.Equal(IPNetwork.Parse(range), IPAddress.Parse(address).Alone);

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
