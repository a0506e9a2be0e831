using System.Globalization;
using Quilt.Linux;
using Quilt.Oci;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>security.md, lines 1 and 2: a container, its host, and the container beside it.</summary>
public sealed class IsolationTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    private const string SomeKey = "728114";

    [Fact]
    public void Shared_memory_semaphores_and_message_queues_of_the_host_do_not_exist_inside()
    {
        Assert.Equal("shm ok\nmsg ok\nsem ok\nmqueue ok\n", OciRuntimeFixture.Run(Runtime.Hostile, ["ipc", "make", SomeKey]).Output);
        try
        {
            Assert.Equal("shm ENOENT\nmsg ENOENT\nsem ENOENT\nmqueue ENOENT\n", Runtime.RunContainer(["hostile", "ipc", "find", SomeKey]).Output);
        }
        finally
        {
            OciRuntimeFixture.Run(Runtime.Hostile, ["ipc", "remove", SomeKey]);
        }
    }

    [Fact]
    public void Two_containers_share_no_ipc_object()
    {
        using RunningContainer one = Runtime.Start(), other = Runtime.Start();
        Assert.Equal("shm ok\nmsg ok\nsem ok\nmqueue ok\n", one.Exec("hostile", "ipc", "make", SomeKey).Output);
        Assert.Equal("shm ENOENT\nmsg ENOENT\nsem ENOENT\nmqueue ENOENT\n", other.Exec("hostile", "ipc", "find", SomeKey).Output);
    }

    [Fact]
    public void Abstract_sockets_of_the_host_and_of_neighbours_are_not_reached()
    {
        string name = $"quilt-test-{Environment.ProcessId}";
        using (BackgroundProcess listener = new(Runtime.Hostile, ["abstract", "listen", name]))
        {
            Assert.Equal("listening", listener.FirstLine);
            Assert.Equal("connect ok\n", OciRuntimeFixture.Run(Runtime.Hostile, ["abstract", "connect", name]).Output);
            Assert.Equal("connect ECONNREFUSED\n", Runtime.RunContainer(["hostile", "abstract", "connect", name]).Output);
        }

        using RunningContainer one = Runtime.Start(), other = Runtime.Start();
        using BackgroundProcess inside = one.Background("hostile", "abstract", "listen", name);
        Assert.Equal("connect ok\n", one.Exec("hostile", "abstract", "connect", name).Output);
        Assert.Equal("connect ECONNREFUSED\n", other.Exec("hostile", "abstract", "connect", name).Output);
    }

    /// <summary>Without a filter, which would refuse the question; with one's own user namespace and without.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Session_keyrings_are_the_containers_own(bool userNamespace)
    {
        OciSpec Open(OciSpec s) => (userNamespace ? s : KnownBreakoutTests.WithoutUserNamespace(s)) with { Linux = (userNamespace ? s : KnownBreakoutTests.WithoutUserNamespace(s)).Linux! with { Seccomp = null } };
        string host = OciRuntimeFixture.Run(Runtime.Hostile, ["keyrings"]).Output;
        Assert.SkipWhen(host.Contains("ENOSYS", StringComparison.Ordinal), "this kernel has no keyrings");
        using RunningContainer one = Runtime.Start(Open), other = Runtime.Start(Open);
        string first = one.Exec("hostile", "keyrings", "add", "quilt-secret").Output, second = other.Exec("hostile", "keyrings", "find", "quilt-secret").Output;
        Assert.Contains("find ok", first, StringComparison.Ordinal);
        Assert.Contains("find ENOKEY", second, StringComparison.Ordinal);
        string[] serials = [.. ((string[])[host, first, second]).Select(o => o.Split('\n')[0])];
        Assert.Equal(3, serials.Distinct().Count());
    }

    [Fact]
    public void Two_containers_have_no_host_id_in_common_and_cannot_touch_each_others_files()
    {
        string shared = Path.Combine(Runtime.Folder, "shared");
        Directory.CreateDirectory(shared);
        File.SetUnixFileMode(shared, (UnixFileMode)0x1FF);
        OciMount mount = new("/shared") { Type = "bind", Source = shared, Options = ["bind"] };
        OciIdMapping[] mapping = [new(0, OciRuntimeFixture.HostIdBase + 65536, 65536)];
        using RunningContainer one = Runtime.Start(s => s with { Mounts = [.. s.Mounts, mount] });
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"], s => s with { Mounts = [.. s.Mounts, mount], Linux = s.Linux! with { UidMappings = mapping, GidMappings = mapping } });
        Sys.Chown(Path.Combine(bundle, "rootfs"), mapping[0].HostId, mapping[0].HostId);
        using RunningContainer other = new(Runtime, id, bundle);
        Assert.Equal(0, one.Exec("sh", "-c", "umask 077; echo secret > /shared/file; mkdir /shared/folder").ExitCode);
        Assert.Contains("ermission denied", other.Exec("cat", "/shared/file").Output, StringComparison.Ordinal);
        Assert.NotEqual(0, other.Exec("chmod", "777", "/shared/file").ExitCode);
        Assert.NotEqual(0, other.Exec("chown", "0:0", "/shared/file").ExitCode);
        Assert.NotEqual(0, other.Exec("ls", "/shared/folder").ExitCode);
        Assert.Equal((OciRuntimeFixture.HostIdBase, OciRuntimeFixture.HostIdBase + 65536), (HostUid(one.Pid), HostUid(other.Pid)));
    }

    [Fact]
    public void Two_containers_share_no_namespace_and_none_is_the_hosts()
    {
        using RunningContainer one = Runtime.Start(), other = Runtime.Start();
        foreach (string kind in (string[])["user", "pid", "mnt", "net", "uts", "ipc", "cgroup"])
        {
            string[] links = [.. ((string[])["self", $"{one.Pid}", $"{other.Pid}"]).Select(p => new FileInfo($"/proc/{p}/ns/{kind}").LinkTarget!)];
            Assert.Equal(3, links.Distinct().Count());
        }
    }

    private static uint HostUid(int pid) =>
        uint.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1], CultureInfo.InvariantCulture);
}
