using System.Text;
using System.Text.Json;
using CsCheck;
using Quilt.Oci;
using Quilt.Oci.Reading;
using Quilt.Oci.Writing;
using Quilt.Seccomp;
using Xunit;

namespace Quilt.Unit.Tests;

public sealed class OciReaderTests
{
    /// <summary>Everything that the types can hold, so that a property which the reader forgets is missed.</summary>
    private const string Everything = """
        {"ociVersion":"1.2.0","hostname":"h","domainname":"d","unknown":{"a":[1,{"b":null}]},
         "root":{"path":"rootfs","readonly":true},
         "process":{"terminal":true,"consoleSize":{"height":24,"width":80},"cwd":"/","env":["A=\u00e4\"\\"],"args":["sh","-c"],
          "rlimits":[{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":5}],"apparmorProfile":"p","noNewPrivileges":true,"oomScoreAdj":-5,
          "capabilities":{"bounding":["CAP_KILL"],"permitted":["CAP_KILL"],"inheritable":["CAP_CHOWN"],"effective":["CAP_KILL"],"ambient":["CAP_CHOWN"]},
          "scheduler":{"policy":"SCHED_DEADLINE","nice":1,"priority":2,"flags":["SCHED_FLAG_RECLAIM"],"runtime":3,"deadline":4,"period":5},
          "selinuxLabel":"s","ioPriority":{"class":"IOPRIO_CLASS_BE","priority":3},"execCPUAffinity":{"initial":"0","final":"0-1"},
          "user":{"uid":4294967295,"gid":7,"umask":18,"additionalGids":[1,2]}},
         "mounts":[{"destination":"/m","type":"bind","source":"/s","options":["rbind","ro"],"uidMappings":[{"containerID":0,"hostID":1,"size":2}],"gidMappings":[{"containerID":3,"hostID":4,"size":5}]}],
         "hooks":{"prestart":[{"path":"/a","args":["x"],"env":["y"],"timeout":3}],"createRuntime":[{"path":"/b"}],"createContainer":[{"path":"/c"}],
          "startContainer":[{"path":"/d"}],"poststart":[{"path":"/e"}],"poststop":[{"path":"/f"}]},
         "annotations":{"k":"v"},
         "linux":{"namespaces":[{"type":"pid"},{"type":"network","path":"/p"}],"uidMappings":[{"containerID":0,"hostID":1,"size":2}],"gidMappings":[{"containerID":0,"hostID":1,"size":2}],
          "timeOffsets":{"monotonic":{"secs":-1,"nanosecs":2}},"devices":[{"type":"c","path":"/dev/x","major":1,"minor":2,"fileMode":438,"uid":3,"gid":4}],
          "cgroupsPath":"/q","rootfsPropagation":"slave","maskedPaths":["/a"],"readonlyPaths":["/b"],"mountLabel":"m","personality":{"domain":"LINUX32","flags":["ADDR_NO_RANDOMIZE"]},
          "intelRdt":{"closID":"c","l3CacheSchema":"l","memBwSchema":"w","enableCMT":true,"enableMBM":true},"sysctl":{"net.a":"1"},
          "resources":{"devices":[{"allow":true,"type":"c","major":1,"minor":-1,"access":"rwm"}],"unified":{"memory.high":"1"},"rdma":{"mlx5_1":{"hcaHandles":3,"hcaObjects":9},"mlx4_0":{"hcaObjects":null}},
           "memory":{"limit":1,"reservation":2,"swap":3,"kernel":4,"kernelTCP":5,"swappiness":6,"disableOOMKiller":true,"useHierarchy":false,"checkBeforeUpdate":true},
           "cpu":{"shares":1,"quota":-1,"burst":2,"period":3,"realtimeRuntime":4,"realtimePeriod":5,"cpus":"0","mems":"0","idle":1},"pids":{"limit":7},
           "blockIO":{"weight":10,"leafWeight":11,"weightDevice":[{"major":1,"minor":2,"weight":3,"leafWeight":4}],"throttleReadBpsDevice":[{"major":1,"minor":2,"rate":3}],
            "throttleWriteBpsDevice":[{"major":1,"minor":2,"rate":4}],"throttleReadIOPSDevice":[{"major":1,"minor":2,"rate":5}],"throttleWriteIOPSDevice":[{"major":1,"minor":2,"rate":6}]},
           "hugepageLimits":[{"pageSize":"2MB","limit":8}],"network":{"classID":9,"priorities":[{"name":"eth0","priority":10}]}},
          "seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"architectures":["SCMP_ARCH_X86_64"],"flags":["SECCOMP_FILTER_FLAG_LOG"],"listenerPath":"/l","listenerMetadata":"m",
           "syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","errnoRet":1,"args":[{"index":0,"value":1,"valueTwo":2,"op":"SCMP_CMP_MASKED_EQ"}]}]}}}
        """;

    [Fact]
    public void Every_property_reads_as_the_generated_reader_reads_it() => AssertSame(Everything);

    [Theory]
    [InlineData("""{"ociVersion":"1.2.0"}""")]
    [InlineData("""{"ociVersion":"1.2.0","process":null,"mounts":null,"annotations":null,"linux":{"namespaces":null,"resources":null,"seccomp":null,"sysctl":null},"hooks":null}""")]
    [InlineData("""{"ociVersion":"1.0.0","ociVersion":"1.2.0","mounts":[],"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW"}}}""")]
    public void Absent_null_and_repeated_properties_read_as_the_generated_reader_reads_them(string json) => AssertSame(json);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"ociVersion":"1.2.0"} x""")]
    [InlineData("""{"ociVersion":"1.2.0","root":7}""")]
    [InlineData("""{"ociVersion":"1.2.0","mounts":[7]}""")]
    [InlineData("""{"ociVersion":"1.2.0","process":{"args":["a"]}}""")]
    [InlineData("""{"ociVersion":"1.2.0","linux":{"resources":{"pids":{"limit":"7"}}}}""")]
    [InlineData("""{"ociVersion":"1.2.0","linux":{"resources":{"pids":{"limit":7.5}}}}""")]
    public void What_is_no_configuration_is_refused(string json) =>
        Assert.Throws<JsonException>(() => OciReader.ReadSpec(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_document_cut_anywhere_or_with_any_byte_changed_reads_as_the_generated_reader_reads_it() =>
        Gen.Select(Gen.Int[0, Everything.Length - 1], Gen.Byte, Gen.Bool).Sample((at, value, cut) =>
        {
            byte[] json = Encoding.UTF8.GetBytes(Everything);
            if (cut)
            {
                json = json[..at];
            }
            else
            {
                json[at] = value;
            }

            AssertSame(json);
        }, iter: 3000);

    [Fact]
    public void A_process_reads_as_the_generated_reader_reads_it()
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(JsonSerializer.Deserialize(Everything, OciJson.Default.OciSpec)!.Process, OciJson.Default.OciProcess!);
        Assert.Equal(json, JsonSerializer.SerializeToUtf8Bytes(OciReader.ReadProcess(json), OciJson.Default.OciProcess));
    }

    [Fact]
    public void A_policy_that_was_replaced_is_not_read_again()
    {
        OciLinux linux = OciReader.ReadSpec(Encoding.UTF8.GetBytes(Everything)).Linux!;
        Assert.Null((linux with { Seccomp = null }).Seccomp);
        Assert.Equal("SCMP_ACT_ERRNO", linux.Seccomp!.DefaultAction);
    }

    [Fact]
    public void A_stored_filter_is_found_for_its_very_policy_and_compiler_alone()
    {
        string folder = Directory.CreateTempSubdirectory("quilt-test-").FullName;
        OciLinux linux = OciReader.ReadSpec(Encoding.UTF8.GetBytes(Everything.Replace("SCMP_CMP_MASKED_EQ", "SCMP_CMP_EQ", StringComparison.Ordinal))).Linux!;
        SeccompProgram compiled = new SeccompCache(new SeccompStore(folder, "a")).Get(linux)!;
        string stored = Assert.Single(Directory.GetFiles(folder));
        SeccompProgram found = new SeccompCache(new SeccompStore(folder, "a")).Get(linux)!;
        Assert.Equal((compiled.Flags, compiled.NeedsListener), (found.Flags, found.NeedsListener));
        Assert.Equal(compiled.Instructions, found.Instructions);

        // What another compiler made, or a damaged file, is made anew.
        File.WriteAllBytes(stored, File.ReadAllBytes(stored)[..40]);
        Assert.Equal(compiled.Instructions, new SeccompCache(new SeccompStore(folder, "a")).Get(linux)!.Instructions);
        byte[] tampered = File.ReadAllBytes(stored);
        tampered[^1] ^= 1;
        File.WriteAllBytes(stored, tampered);
        Assert.Equal(compiled.Instructions, new SeccompCache(new SeccompStore(folder, "b")).Get(linux)!.Instructions);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Any_text_survives_being_written_as_a_state() => Gen.String.Sample(text =>
    {
        OciState state = new("1.2.0", "id", "running", 7, text) { Annotations = new Dictionary<string, string> { [text] = text } };
        OciState read = JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(state.ToJson()), OciJson.Default.OciState)!;
        string expected = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        Assert.Equal((expected, expected), (read.Bundle, read.Annotations[expected]));
    });

    private static void AssertSame(string json) => AssertSame(Encoding.UTF8.GetBytes(json));

    private static void AssertSame(byte[] json)
    {
        string? expected = Attempt(() => JsonSerializer.Deserialize(json, OciJson.Default.OciSpec));
        Assert.Equal(expected, Attempt(() => OciReader.ReadSpec(json)));
    }

    /// <summary>The configuration written again; null where it cannot be read.</summary>
    private static string? Attempt(Func<OciSpec?> read)
    {
        try
        {
            return read() is { } spec ? JsonSerializer.Serialize(spec, OciJson.Default.OciSpec) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
