using Microsoft.Extensions.DependencyInjection;
using Quilt.Core;
using static Quilt.Client.Tests.Api;

namespace Quilt.Client.Tests;

public sealed class ConnectionTests(ClientFixture fixture)
{
    [Theory]
    [InlineData("tcp://host")]
    [InlineData("unix://relative")]
    [InlineData("http://quilt.example:8080")]
    [InlineData("")]
    public void What_is_no_address_or_would_show_a_token_on_the_wire_is_refused(string host)
    {
        QuiltException e = Assert.Throws<QuiltException>(() => new QuiltClient(new QuiltClientOptions { Host = host }));
        Assert.Equal((ErrorCode.InvalidArgument, "host"), (e.Code, e.Field));
    }

    [Fact]
    public void A_token_that_no_header_can_carry_is_refused_and_none_is_shown()
    {
        QuiltException e = Assert.Throws<QuiltException>(() => new QuiltClient(new QuiltClientOptions { Token = "se\ncret" }));
        Assert.DoesNotContain("cret", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", new QuiltClientOptions { Token = "secret" }.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_is_not_there_is_unavailable_and_named()
    {
        await using QuiltClient client = new(new QuiltClientOptions { Host = "unix:///nonexistent/quilt.sock" });
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => client.GetVersionAsync(Cancellation));
        Assert.Equal(ErrorCode.Unavailable, e.Code);
        Assert.Contains("unix:///nonexistent/quilt.sock", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
    }

    [Fact]
    public async Task Many_calls_share_one_client()
    {
        string[] versions = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => fixture.Client.GetVersionAsync(Cancellation)));
        Assert.Single(versions.Distinct());
    }

    [Fact]
    public async Task Registered_it_is_one_for_the_program_and_closed_with_it()
    {
        QuiltClient client;
        await using (ServiceProvider services = new ServiceCollection().AddSingleton(fixture).AddQuilt((p, o) => o.Host = p.GetRequiredService<ClientFixture>().Host).AddQuilt().BuildServiceProvider())
        {
            client = services.GetRequiredService<QuiltClient>();
            Assert.Same(client, services.GetRequiredService<QuiltClient>());
            Assert.NotNull(services.GetRequiredService<QuiltTools>());
            Assert.NotEmpty(await client.GetVersionAsync(Cancellation));
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetVersionAsync(Cancellation));
    }
}
