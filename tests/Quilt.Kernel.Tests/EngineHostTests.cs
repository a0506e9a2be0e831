using Quilt.Linux;
using Quilt.Oci;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>What Docker and Podman leave to the runtime that they call, found by comparing with runc under them.</summary>
public sealed class EngineHostTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    private const string Passwd = "root:x:0:0:root:/root:/bin/sh\nodd:x:x7:7::/odd:/bin/sh\napp:x:1000:1000:An app:/home/app:/bin/sh\nagain:x:1000:1000::/other:/bin/sh";

    [Theory]
    [InlineData(0u, "/root")]
    [InlineData(1000u, "/home/app")]
    [InlineData(7u, "/")]
    [InlineData(4000u, "/")]
    public void HOME_is_the_users_by_the_containers_own_passwd_file(uint uid, string home)
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "echo $HOME"], s => s with { Process = s.Process! with { User = new OciUser(uid, uid) } });
        WritePasswd(bundle, Passwd);
        Assert.Equal((0, home + "\n"), Runtime.Oci("run", "--bundle", bundle, id));
    }

    [Fact]
    public void HOME_that_is_given_stays()
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "echo $HOME"], s => s with { Process = s.Process! with { Env = ["HOME=/mine", .. s.Process.Env] } });
        WritePasswd(bundle, Passwd);
        Assert.Equal((0, "/mine\n"), Runtime.Oci("run", "--bundle", bundle, id));
    }

    [Fact]
    public void An_exec_gets_its_own_users_HOME()
    {
        using RunningContainer container = Runtime.Start();
        Assert.Equal((0, ""), container.Exec("sh", "-c", "echo 'app:x:1000:1000::/home/app:/bin/sh' > /etc/passwd"));
        Assert.Equal((0, "/home/app\n"), Runtime.Oci("exec", "--user", "1000:1000", container.Id, "sh", "-c", "echo $HOME"));
    }

    [Theory]
    [InlineData("ln -s /proc/self/environ passwd")]
    [InlineData("mkfifo passwd")]
    [InlineData("mkdir passwd")]
    [InlineData("ln -s passwd passwd")]
    [InlineData("head -c 300000 /dev/zero | tr '\\000' ':' > passwd")]
    [InlineData("printf 'root:x:0:0::' > passwd; head -c 9000 /dev/zero | tr '\\000' 'h' >> passwd")]
    public void A_hostile_passwd_file_neither_stops_nor_leads_astray(string making)
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "echo $HOME"]);
        Assert.Equal(0, OciRuntimeFixture.Run("/bin/sh", ["-c", $"cd {OciRuntimeFixture.ImageFolder(bundle, "etc")} && {making}"]).ExitCode);
        Assert.Equal((0, "/\n"), Runtime.Oci("run", "--bundle", bundle, id));
    }

    [Fact]
    public void Without_a_user_namespace_a_device_can_be_made_that_cannot_be_opened()
    {
        (int code, string output) = Runtime.RunContainer("mknod /tmp/mem c 1 1 && mknod /tmp/disk b 8 0 && cat /tmp/mem", s => WithoutUserNamespace(s, "CAP_MKNOD"));
        Assert.NotEqual(0, code);
        Assert.Equal("cat: can't open '/tmp/mem': Operation not permitted\n", output);
    }

    [Theory]
    [InlineData("/volume", "etc/script", "EISDIR")]
    [InlineData("/etc/script", "etc", "ENOTDIR")]
    public void A_bind_mount_of_a_folder_on_a_file_or_the_reverse_is_told_as_such(string target, string source, string error)
    {
        (int code, string output) = Runtime.RunContainer(["true"], s => s with
        {
            Mounts = [.. s.Mounts, new OciMount("/volume") { Type = "tmpfs", Source = "tmpfs" }, new OciMount(target) { Source = Path.Combine(Runtime.Layer, source), Options = ["bind"] }],
        });
        Assert.Equal(1, code);
        Assert.Contains(error, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "750")]
    [InlineData("mode=0700", "700")]
    public void A_tmpfs_has_the_permissions_of_the_folder_it_covers_unless_it_is_given_others(string option, string expected)
    {
        (string id, string bundle) = Runtime.Bundle(["stat", "-c", "%a", "/kept", "/fresh"], s => s with
        {
            Mounts = [.. s.Mounts, new OciMount("/kept") { Type = "tmpfs", Options = option.Length == 0 ? [] : [option] }, new OciMount("/fresh") { Type = "tmpfs" }],
        });
        File.SetUnixFileMode(OciRuntimeFixture.ImageFolder(bundle, "kept"), (UnixFileMode)0x1E8);
        Assert.Equal((0, $"{expected}\n1777\n"), Runtime.Oci("run", "--bundle", bundle, id));
    }

    [Fact]
    public void A_user_can_open_its_own_output_anew()
    {
        const string script = "echo told > /dev/stdout; echo told > /dev/stderr; [ -w /dev/null ] && stat -c %u /dev/null";
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", script], s => KnownBreakoutTests.WithoutUserNamespace(s) with
        {
            Process = s.Process! with { User = new OciUser(1000, 1000) },
            Hooks = new OciHooks { StartContainer = [new OciHook("/bin/true")] }, // its own are the runtime's, which keeps them
        });
        Assert.Equal((0, "told\ntold\n0\n"), Runtime.Oci("run", "--bundle", bundle, id));
        using RunningContainer container = Runtime.Start(KnownBreakoutTests.WithoutUserNamespace);
        Assert.Equal((0, "told\ntold\n0\n"), Runtime.Oci("exec", "--user", "1000:1000", container.Id, "sh", "-c", script));
    }

    private static void WritePasswd(string bundle, string text) => File.WriteAllText(Path.Combine(OciRuntimeFixture.ImageFolder(bundle, "etc"), "passwd"), text);

    private static OciSpec WithoutUserNamespace(OciSpec spec, string capability)
    {
        IReadOnlyList<string> capabilities = [.. StandardCapabilities.All, capability];
        return spec with
        {
            Process = spec.Process! with { Capabilities = new OciCapabilities { Bounding = capabilities, Permitted = capabilities, Effective = capabilities } },
            Linux = spec.Linux! with { Namespaces = [.. spec.Linux.Namespaces.Where(n => n.Type != "user")], UidMappings = [], GidMappings = [], Seccomp = null },
        };
    }
}
