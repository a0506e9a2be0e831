using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>What the operator keeps, in the containers of those who may use it.</summary>
public sealed class SecretTests : IDisposable
{
    private const string Value = "hunter2-in-memory-alone", Changed = "hunter3-in-memory-alone";
    private readonly TemporaryFolder _kept = new();

    public void Dispose() => _kept.Dispose();

    [Fact]
    public async Task A_secret_is_a_file_in_memory_that_is_told_to_nobody_else()
    {
        Keep("key", Value);
        Keep("empty", "");
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(null, "--secrets", _kept.Path);
        Container made = await daemon.Client.Run(new ContainerSpec { Name = "web", User = "1000:1000", Secrets = { "key", "empty", "key" } });
        Assert.Equal((0, $"{Value} 0", ""), await daemon.Client.Exec(made.Id, "printf '%s ' \"$(cat /run/secrets/key)\"; printf '%s' $(wc -c < /run/secrets/empty)"));
        ExecResult root = (await daemon.Client.ExecAsync(
            new ExecRequest { Container = made.Id, User = "0", Command = { "sh", "-c", "stat -c '%a %u:%g' /run/secrets/key; grep ' /run/secrets ' /proc/self/mounts | cut -d' ' -f3; echo x > /run/secrets/key; echo x > /run/secrets/new; env" } },
            cancellationToken: Cancellation)).Result;
        Assert.StartsWith("444 0:0\ntmpfs\n", root.Stdout.ToStringUtf8(), StringComparison.Ordinal);
        string options = (await daemon.Client.Exec(made.Id, "grep ' /run/secrets ' /proc/self/mounts | cut -d' ' -f4")).Stdout.TrimEnd();
        Assert.True(KernelVersion.OfHost() < new KernelVersion(6, 4, 0) || options.Split(',').Contains("noswap"), options);
        Assert.Equal(2, root.Stderr.ToStringUtf8().Split("Read-only file system").Length - 1);
        Assert.DoesNotContain(Value, root.Stdout.ToStringUtf8(), StringComparison.Ordinal);

        // Its name is told, as a mount; what it holds is told nowhere, and is in no file of the daemon's.
        Assert.Contains((await daemon.Client.Get(made.Id)).Mounts, m => m is { Type: "secret", Path: "/run/secrets/key", ReadOnly: true });
        await daemon.Client.Tool("snapshotContainer", new { container = "web", name = "kept" });
        await daemon.Client.Tool("commitContainer", new { container = "web", reference = "committed:1" });
        Container committed = await daemon.Client.Run(new ContainerSpec { Image = "committed:1" });
        Assert.Equal((0, "", ""), await daemon.Client.Exec(committed.Id, "find /run/secrets -type f"));
        foreach (string tool in (string[])["getContainerStatus", "getEvents", "getAudit", "listContainers"])
        {
            Assert.DoesNotContain(Value, (await daemon.Client.Tool(tool, tool == "getContainerStatus" ? new { container = "web" } : new { })).GetRawText(), StringComparison.Ordinal);
        }

        Assert.Equal("", await daemon.FilesWith(Value));

        // Read anew at each start.
        Keep("key", Changed);
        await daemon.Client.RestartContainerAsync(new RestartContainerRequest { Container = made.Id, Timeout = new() }, cancellationToken: Cancellation);
        Assert.Equal((0, Changed, ""), await daemon.Client.Exec(made.Id, "cat /run/secrets/key"));
        File.Delete(_kept["key"]);
        ErrorDetail gone = await Fails(async () => await daemon.Client.RestartContainerAsync(new RestartContainerRequest { Container = made.Id, Timeout = new() }, cancellationToken: Cancellation));
        Assert.Equal(("not_found", "secrets"), (gone.Code, gone.Field));
        await daemon.Client.Remove(made.Id);
        await daemon.Client.Remove(committed.Id);
    }

    [Fact]
    public async Task A_secret_is_only_for_those_whose_grant_has_it()
    {
        Keep("ci-key", Value);
        Keep("ci-wide", Value, 0x1A4);
        Keep("other", Value);
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(null, "--secrets", _kept.Path);
        string token = await daemon.Client.Agent("""{"secrets":["ci-*"]}""");
        foreach ((string secret, string code) in ((string, string)[])[("other", "permission_denied"), ("ci-none", "not_found"), ("ci-wide", "failed_precondition"), ("../ci-key", "invalid_argument")])
        {
            ErrorDetail refused = await daemon.Client.ToolRefused("createContainer", new { secrets = new[] { "ci-key", secret } }, token);
            Assert.Equal((code, "secrets"), (refused.Code, refused.Field));
            Assert.DoesNotContain(Value, refused.Message, StringComparison.Ordinal);
        }

        ErrorDetail way = await daemon.Client.ToolRefused("createContainer", new { secrets = new[] { "ci-key" }, mounts = new[] { new { path = "/run/secrets/below" } } }, token);
        Assert.Equal(("invalid_argument", "mounts.path"), (way.Code, way.Field));

        // A fork has them too, for who may use them.
        await daemon.Client.Tool("createContainer", new { name = "one", secrets = new[] { "ci-key" }, autoStart = true }, token);
        string fork = (await daemon.Client.Tool("forkContainer", new { container = "one", name = "two" }, token)).GetProperty("containers")[0].Id();
        Assert.Equal((0, Value, ""), await daemon.Client.Exec(fork, "cat /run/secrets/ci-key"));
        File.Delete(_kept["ci-key"]);
        Assert.Equal(("not_found", "container"), await Refused("forkContainer", new { container = "one", name = "three" }));
        await daemon.Client.Tool("removeContainer", new { container = "one", force = true }, token);
        await daemon.Client.Tool("removeContainer", new { container = "two", force = true }, token);

        async Task<(string, string)> Refused(string tool, object arguments)
        {
            ErrorDetail refused = await daemon.Client.ToolRefused(tool, arguments, token);
            return (refused.Code, refused.Field);
        }
    }

    /// <summary>Where they are, nothing else can be made any more when they are mounted: it is refused, and a start does not fail for it.</summary>
    [Fact]
    public async Task Nothing_is_mounted_among_the_secrets()
    {
        Keep("key", Value);
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(null, "--secrets", _kept.Path);
        await daemon.Client.Tool("buildImage", new { tags = new[] { "with-volume:1" }, dockerfileText = "FROM quilt/busybox\nVOLUME /run/secrets/of-image\n" });
        await daemon.Client.Tool("createVolume", new { name = "data" });
        await daemon.Client.Tool("createContainer", new { name = "one", image = "with-volume:1", secrets = new[] { "key" }, autoStart = true });
        Assert.Equal((0, "key\n", ""), await daemon.Client.Exec("one", "ls /run/secrets"));
        ErrorDetail among = await daemon.Client.ToolRefused("attachVolume", new { container = "one", volume = "data", path = "/run/secrets/data" });
        Assert.Equal(("invalid_argument", "path"), (among.Code, among.Field));
        await daemon.Client.Remove("one");
    }

    private void Keep(string name, string content, uint mode = 0x180)
    {
        File.WriteAllText(_kept[name], content);
        File.SetUnixFileMode(_kept[name], (UnixFileMode)mode);
    }
}
