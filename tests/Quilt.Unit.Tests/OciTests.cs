using System.Text.Json;
using Quilt.Core;
using Quilt.Launch.Plans;
using Quilt.Oci;
using Xunit;

namespace Quilt.Unit.Tests;

public sealed class OciTests
{
    private const string Minimal = """{"ociVersion":"1.2.0","root":{"path":"rootfs"},"process":{"cwd":"/","args":["sh"]}}""";

    [Theory]
    [InlineData(Minimal)]
    [InlineData("""{"ociVersion":"1.2.0","mounts":null,"annotations":null,"linux":{"namespaces":null},"process":{"cwd":"/","env":null}}""")]
    public void Lists_that_are_absent_or_null_read_as_empty(string json)
    {
        OciSpec spec = Read(json);
        Assert.Empty(spec.Mounts);
        Assert.Empty(spec.Annotations);
        Assert.Empty(spec.Process!.Env);
        Assert.Empty((spec.Linux ?? new OciLinux()).Namespaces);
    }

    [Fact]
    public void A_process_prints_without_its_environment() =>
        Assert.DoesNotContain("hunter2", new OciProcess { Cwd = "/", Env = ["PASSWORD=hunter2"] }.ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"ociVersion":"2.0","root":{"path":"r"}}""", "ociVersion")]
    [InlineData("""{"ociVersion":"1.2.0"}""", "root.path")]
    [InlineData("""{"ociVersion":"1.2.0","root":{"path":"r"},"process":{"cwd":"/"}}""", "process.args")]
    [InlineData("""{"ociVersion":"1.2.0","root":{"path":"r"},"process":{"cwd":"x","args":["a"]}}""", "process.cwd")]
    [InlineData("""{"ociVersion":"1.2.0","root":{"path":"r"},"process":{"cwd":"/","args":["a"],"rlimits":[{"type":"RLIMIT_NONE","hard":1,"soft":1}]}}""", "process.rlimits")]
    [InlineData("""{"ociVersion":"1.2.0","root":{"path":"r"},"linux":{"namespaces":[{"type":"pid"},{"type":"pid"}]}}""", "linux.namespaces")]
    [InlineData("""{"ociVersion":"1.2.0","root":{"path":"r"},"linux":{"namespaces":[{"type":"user"}]}}""", "linux.uidMappings")]
    [InlineData("""{"ociVersion":"1.2.0","root":{"path":"r"},"linux":{"sysctl":{"kernel.panic":"1"}}}""", "linux.sysctl")]
    public void A_bad_configuration_names_the_field(string json, string field)
    {
        QuiltException e = Assert.Throws<QuiltException>(() => OciSpecValidator.Validate(Read(json)));
        Assert.Equal((ErrorCode.InvalidArgument, field), (e.Code, e.Field));
    }

    [Fact]
    public void Mount_options_are_sorted_by_kind()
    {
        MountOptions options = MountOptions.Parse(["rbind", "ro", "nosuid", "rslave", "size=64k", "noatime"]);
        Assert.True(options.Bind && options.BindRecursive);
        Assert.Equal(MountAttributes.ReadOnly | MountAttributes.NoSuid | MountAttributes.NoAtime, options.Set);
        Assert.Equal(Propagation.Slave, options.Propagation);
        Assert.Equal([new KeyValuePair<string, string?>("size", "64k")], options.Data);
    }

    [Fact]
    public void Options_that_mean_nothing_to_a_new_file_system_are_not_told_to_it() =>
        Assert.Empty(MountOptions.Parse(["silent", "loud", "iversion", "noiversion", "acl", "noacl", "remount"]).Data);

    [Fact]
    public void The_later_of_two_opposite_options_counts()
    {
        MountOptions options = MountOptions.Parse(["ro", "rw"]);
        Assert.Equal(MountAttributes.None, options.Set);
        Assert.Equal(MountAttributes.ReadOnly, options.Clear);
    }

    [Fact]
    public void With_a_user_namespace_devices_are_bound_and_without_one_made()
    {
        Assert.Contains(Plan(userNamespace: true), s => s is SetupStep.BindMount { Target: "/dev/null" });
        Assert.Contains(Plan(userNamespace: false), s => s is SetupStep.MakeDevice { Target: "/dev/null", Major: 1, Minor: 3 });
    }

    [Fact]
    public void Sysctls_are_written_before_proc_becomes_read_only()
    {
        List<SetupStep> steps = [.. Plan(userNamespace: true)];
        Assert.True(steps.FindIndex(s => s is SetupStep.WriteSysctl) < steps.FindIndex(s => s is SetupStep.ReadOnlyPath));
    }

    [Fact]
    public void A_mount_label_is_the_context_of_new_file_systems_that_take_one()
    {
        IReadOnlyList<SetupStep> steps = Plan(userNamespace: true, mountLabel: "a_label");
        Dictionary<string, SetupStep.MountFilesystem> mounts = steps.OfType<SetupStep.MountFilesystem>().ToDictionary(m => m.Target);
        Assert.Contains(new KeyValuePair<string, string?>("context", "a_label"), mounts["/dev/shm"].Options);
        Assert.Contains(new KeyValuePair<string, string?>("context", "a_label"), mounts["/dev/pts"].Options);
        Assert.DoesNotContain(mounts["/proc"].Options, o => o.Key == "context");
    }

    private static IReadOnlyList<SetupStep> Plan(bool userNamespace, string? mountLabel = null)
    {
        List<OciNamespace> namespaces = [new("mount"), new("ipc")];
        if (userNamespace)
        {
            namespaces.Add(new OciNamespace("user"));
        }

        OciSpec spec = Read(Minimal) with
        {
            Mounts = StandardMounts.All,
            Linux = new OciLinux { Namespaces = namespaces, MountLabel = mountLabel, ReadonlyPaths = ["/proc/sys"], Sysctl = new Dictionary<string, string> { ["kernel.shmmax"] = "1" } },
        };
        return SetupPlan.Compile(spec, "/bundle", (_, _) => []);
    }

    private static OciSpec Read(string json) => JsonSerializer.Deserialize(json, OciJson.Default.OciSpec)!;
}
