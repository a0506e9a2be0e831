using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Quilt.Core;
using static Quilt.Client.Tests.Api;

namespace Quilt.Client.Tests;

public sealed class ConnectionTests(ClientFixture fixture)
{
    // Types of frames of HTTP/2 (RFC 9113, 6).
    private const byte Reset = 3, GoAway = 7;

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

    [Theory]
    [InlineData(GoAway, 0)]
    [InlineData(GoAway, 2)]
    [InlineData(Reset, 2)]
    [InlineData(Reset, 11)]
    [InlineData(0, 0)]
    public async Task A_connection_that_breaks_off_in_the_middle_of_a_call_was_lost_and_answered_nothing(byte frame, byte why)
    {
        await using BreakingDaemon daemon = new(frame, why);
        await using QuiltClient client = new(new QuiltClientOptions { Host = daemon.Host });
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => client.GetVersionAsync(Cancellation));
        Assert.Equal(ErrorCode.Unavailable, e.Code);
        Assert.Contains("the connection to it was lost", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_whose_certificate_is_not_trusted_cannot_be_reached_for_that()
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync();
        await using QuiltClient client = new(new QuiltClientOptions { Host = $"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}" });
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => client.GetVersionAsync(Cancellation));
        Assert.Equal(ErrorCode.Unavailable, e.Code);
        Assert.Contains("certificate", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("lost", e.Message, StringComparison.Ordinal);
        listener.Stop();
        await Task.WhenAny(serving);

        async Task ServeAsync()
        {
            using SslStream stream = new(new NetworkStream(await listener.AcceptSocketAsync(Cancellation), ownsSocket: true));
            await stream.AuthenticateAsServerAsync(certificate);
            Assert.Equal(0, await stream.ReadAsync(new byte[1], Cancellation)); // the client has gone
        }
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
