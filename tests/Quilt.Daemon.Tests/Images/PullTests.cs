using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Images from a registry, through a daemon that may be killed.</summary>
public sealed class PullTests
{
    [Fact]
    public async Task A_pull_that_a_kill_cut_off_leaves_nothing_and_the_next_one_goes_on_where_it_was()
    {
        const int layerBytes = 24 << 20, before = 9 << 20;
        await using DockerRegistry registry = await DockerRegistry.Start();
        string image = $"{registry.Address}/team/large:1";
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        await daemon.AddImageAsync(image, new(), TestImages.File("random", Convert.ToBase64String(RandomNumberGenerator.GetBytes(layerBytes))));
        long size = (await daemon.Client.Tool("pushImage", new { image })).GetProperty("bytes").GetInt64();
        await daemon.Client.Tool("removeImage", new { image });
        await daemon.Client.Tool("pruneImages");
        string[] stored = Stored(daemon);

        using StallingProxy proxy = new(registry.Address, before);
        string behind = image.Replace(registry.Address, proxy.Address, StringComparison.Ordinal);
        Task<JsonElement> pulling = daemon.Client.Tool("pullImage", new { reference = behind });
        await proxy.Stalled;
        await Deadline.Until(() => new DirectoryInfo(Path.Combine(daemon.StateDir, "images", "partial")).EnumerateFiles().Sum(f => f.Length) > before / 2);
        await daemon.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => pulling);
        await daemon.RunAsync();
        Assert.DoesNotContain("large", (await daemon.Client.Tool("listImages")).GetRawText(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(daemon.StateDir, "images", "ingest")));

        proxy.Release();
        JsonElement pulled = await daemon.Client.Tool("pullImage", new { reference = behind });
        Assert.InRange(pulled.GetProperty("bytes").GetInt64(), 1, size - (before / 2));
        Assert.All((await daemon.Client.Tool("verifyImages")).GetProperty("images").EnumerateArray(), i => Assert.Empty(i.GetProperty("problems").EnumerateArray()));
        Quilt.Api.V1.Container container = await daemon.Client.Run(new() { Image = behind, Command = { "test", "-s", "/random" } });
        Assert.Equal(0, (await daemon.Client.WaitExited(container.Id)).ExitCode);
        await daemon.Client.Remove(container.Id);
        await daemon.Client.Tool("removeImage", new { image = behind });
        await daemon.Client.Tool("pruneImages");
        Assert.Equal(stored, Stored(daemon));
    }

    [Fact]
    public async Task A_secret_of_the_operators_opens_a_registry_and_a_build_for_an_agent_that_never_sees_it()
    {
        await using DockerRegistry registry = await DockerRegistry.StartBasic();
        using TemporaryFolder folder = new();
        Keep("ci-registry", $"{DockerRegistry.User}:{DockerRegistry.Password}\n");
        Keep("ci-password", DockerRegistry.Password);
        Keep("ci-wide", "seen by all", 0x1A4);
        Keep("other", "x");
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(null, "--secrets", folder.Path);
        string image = $"{registry.Address}/team/app:1";
        string token = await daemon.Client.Agent($$"""{"registries":["{{registry.Address}}"],"secrets":["ci-*"]}""");
        await daemon.Client.Tool("tagImage", new { image = "quilt/busybox", reference = image });
        Assert.Equal("permission_denied", (await daemon.Client.ToolRefused("pushImage", new { image }, token)).Code);
        await daemon.Client.Tool("pushImage", new { image, credentials = new { secret = "ci-registry" } }, token);
        await daemon.Client.Tool("pullImage", new { reference = image, credentials = new { username = DockerRegistry.User, secret = "ci-password" } }, token);
        await daemon.Client.Tool("checkRegistryLogin", new { registry = registry.Address, credentials = new { secret = "ci-registry" } }, token);

        foreach ((string secret, string code) in ((string, string)[])[("other", "permission_denied"), ("no-such", "permission_denied"), ("ci-none", "not_found"), ("ci-wide", "failed_precondition"), ("ci-password", "invalid_argument"), ("../ci-registry", "invalid_argument")])
        {
            Quilt.Api.V1.ErrorDetail refused = await daemon.Client.ToolRefused("pullImage", new { reference = image, credentials = new { secret } }, token);
            Assert.Equal((code, "credentials.secret"), (refused.Code, refused.Field));
            Assert.DoesNotContain(DockerRegistry.Password, refused.Message, StringComparison.Ordinal);
        }

        const string dockerfile = "FROM quilt/busybox\nRUN --mount=type=secret,id=key test $(wc -c < /run/secrets/key) = 11\n";
        await daemon.Client.Tool("buildImage", new { tags = new[] { "opened:1" }, dockerfileText = dockerfile, namedSecrets = new { key = "ci-password" } }, token);
        Quilt.Api.V1.ErrorDetail twice = await daemon.Client.ToolRefused("buildImage", new { dockerfileText = dockerfile, secrets = new { key = "x" }, namedSecrets = new { key = "ci-password" } }, token);
        Assert.Equal(("invalid_argument", "namedSecrets.key"), (twice.Code, twice.Field));
        Assert.Equal("permission_denied", (await daemon.Client.ToolRefused("createAgent", """{"name":"below","config":{"grant":{"secrets":["*"]}}}""", token)).Code);
        Assert.DoesNotContain(DockerRegistry.Password, (await daemon.Client.Tool("getAudit", new { limit = 100 })).GetRawText(), StringComparison.Ordinal);

        void Keep(string name, string content, uint mode = 0x180)
        {
            File.WriteAllText(folder[name], content);
            File.SetUnixFileMode(folder[name], (UnixFileMode)mode);
        }
    }

    private static string[] Stored(DaemonProcess daemon) =>
        [.. ((string[])["blobs/sha256", "layers"]).SelectMany(f => Directory.EnumerateFileSystemEntries(Path.Combine(daemon.StateDir, "images", f))).Order(StringComparer.Ordinal)];

    /// <summary>Passes connections on to a registry until so many bytes have come from it, and then nothing more before it is told to.</summary>
    private sealed class StallingProxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously), _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _left;

        internal StallingProxy(string upstream, long bytes)
        {
            _left = bytes;
            _listener.Start();
            Address = _listener.LocalEndpoint.ToString()!;
            _ = ServeAsync(IPEndPoint.Parse(upstream));
        }

        internal string Address { get; }

        internal Task Stalled => _stalled.Task;

        internal void Release() => _released.SetResult();

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(IPEndPoint upstream)
        {
            try
            {
                while (true)
                {
                    _ = RelayAsync(await _listener.AcceptTcpClientAsync(), upstream);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task RelayAsync(TcpClient client, IPEndPoint upstream)
        {
            using TcpClient near = client, far = new();
            try
            {
                await far.ConnectAsync(upstream);
                Task asked = near.GetStream().CopyToAsync(far.GetStream());
                byte[] buffer = new byte[64 << 10];
                int count;
                while ((count = await far.GetStream().ReadAsync(buffer)) > 0)
                {
                    if (Interlocked.Add(ref _left, -count) <= 0)
                    {
                        _stalled.TrySetResult();
                        await _released.Task;
                    }

                    await near.GetStream().WriteAsync(buffer.AsMemory(0, count));
                }

                near.Client.Shutdown(SocketShutdown.Send);
                await asked;
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // One side has gone.
            }
        }
    }
}
