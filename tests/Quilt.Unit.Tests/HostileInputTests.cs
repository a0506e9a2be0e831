using System.Text;
using System.Text.Json;
using CsCheck;
using Quilt.Core;
using Quilt.Fuzzing;
using Quilt.Launch.Plans;
using Quilt.Oci;
using Quilt.Seccomp;
using Quilt.Shim.Contract;
using Quilt.Testing;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>What others write and we read: whatever it is, it is understood or refused, and never ends us.</summary>
public sealed class HostileInputTests
{
    private static readonly string Config = JsonSerializer.Serialize(
        new OciSpec
        {
            OciVersion = "1.2.0",
            Hostname = "h",
            Root = new OciRoot("rootfs"),
            Process = new OciProcess
            {
                Args = ["sh", "-c"],
                Cwd = "/",
                Env = ["PATH=/bin"],
                Rlimits = [new OciRlimit("RLIMIT_NOFILE", 9, 9)],
                User = new OciUser(1, 2) { AdditionalGids = [3] },
                Capabilities = new OciCapabilities { Bounding = StandardCapabilities.All, Permitted = StandardCapabilities.All, Effective = StandardCapabilities.All },
            },
            Mounts = [.. StandardMounts.All, new OciMount("/data") { Type = "bind", Source = "data", Options = ["rbind", "ro", "idmap"], UidMappings = [new(0, 1, 2)], GidMappings = [new(0, 1, 2)] }],
            Hooks = new OciHooks { Prestart = [new OciHook("/bin/true") { Args = ["true"], Env = ["A=b"], Timeout = 1 }] },
            Annotations = new Dictionary<string, string> { ["a"] = "b" },
            Linux = new OciLinux
            {
                Namespaces = [.. ((string[])["user", "pid", "network", "ipc", "uts", "mount", "cgroup", "time"]).Select(t => new OciNamespace(t))],
                UidMappings = [new(0, 1000, 65536)],
                GidMappings = [new(0, 1000, 65536)],
                Devices = [new OciDevice("c", "/dev/fuse") { Major = 10, Minor = 229 }],
                CgroupsPath = "a/b",
                Resources = new OciResources { Devices = [new OciDeviceRule(false) { Access = "rwm" }], Pids = new OciPids(5), Memory = new OciMemory { Limit = 1 } },
                Sysctl = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1" },
                TimeOffsets = new Dictionary<string, OciTimeOffset> { ["monotonic"] = new(1, 2) },
                MaskedPaths = ProtectedPaths.Masked,
                ReadonlyPaths = ProtectedPaths.ReadOnly,
                Seccomp = new OciSeccomp("SCMP_ACT_ERRNO") { Syscalls = [new OciSyscall(["read", "socket"], "SCMP_ACT_ALLOW") { Args = [new OciSyscallArg(0, 1, "SCMP_CMP_EQ")] }] },
            },
        },
        OciJson.Default.OciSpec);

    [Fact]
    public void A_configuration_in_which_anything_is_anything_or_damaged_anywhere_is_understood_or_refused() => Fuzz.Run(MutatedJson.Of(Config), Understand, iterations: 4000);

    [Theory]
    [InlineData("args")]
    [InlineData("env")]
    [InlineData("cwd")]
    public void A_zero_byte_is_refused_by_name(string field)
    {
        string json = """{"cwd":"/","args":["a"],"env":["A=b"]}""".Replace(field switch { "args" => "\"a\"", "env" => "A=b", _ => "\"/\"" }, field switch { "args" => "\"a\\u0000\"", "env" => "A=\\u0000b", _ => "\"/\\u0000\"" }, StringComparison.Ordinal);
        QuiltException e = Assert.Throws<QuiltException>(() => OciSpecValidator.Validate(JsonSerializer.Deserialize(json, OciJson.Default.OciProcess)!));
        Assert.Equal($"process.{field}", e.Field);
    }

    [Fact]
    public void A_user_is_one_or_two_numbers_or_none() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789:+- x\n"], 0, 14], Gen.UInt.Select(u => $"{u}"), Gen.Select(Gen.UInt, Gen.UInt).Select(p => $"{p.Item1}:{p.Item2}")).Sample(text =>
        {
            if (OciUser.TryParse(text) is { } user)
            {
                Assert.Matches(@"\A\d+(:\d+)?\z", text);
                Assert.All(text, c => Assert.True(char.IsAsciiDigit(c) || c == ':'));
                Assert.True(user.Uid != uint.MaxValue && user.Gid != uint.MaxValue);
            }
            else
            {
                Assert.False(uint.TryParse(text, out uint id) && id != uint.MaxValue && text.All(char.IsAsciiDigit), text);
            }
        });

    [Fact]
    public void A_frames_header_is_read_as_it_was_written_or_not_at_all() => Gen.Byte.Array[FrameHeader.Size].Sample(bytes =>
    {
        if (FrameHeader.TryRead(bytes, out FrameHeader header))
        {
            Assert.InRange(header.Length, 0, FrameHeader.MaxPayload);
            byte[] again = new byte[FrameHeader.Size];
            header.Write(again);
            Assert.Equal(bytes, again);
        }
    });

    [Fact]
    public void A_log_that_is_anything_is_read_to_its_end()
    {
        using TemporaryFolder folder = new();
        Gen.Select(Gen.Int[0, 3], Gen.Byte.Array[0, 200]).Sample((whole, garbage) =>
        {
            using MemoryStream file = new();
            Span<byte> header = stackalloc byte[LogRecordHeader.Size];
            for (int i = 0; i < whole; i++)
            {
                new LogRecordHeader(i, 2, LogStream.Stdout).Write(header);
                file.Write(header);
                file.Write("x\n"u8);
            }

            file.Write(garbage);
            File.WriteAllBytes(folder[LogRecordHeader.FileName(1)], file.ToArray());
            using LogReader reader = new(folder.Path);
            LogEntry[] entries = [.. reader.Read()];
            Assert.True(entries.Length >= whole);
            Assert.All(entries.Take(whole), e => Assert.Equal("x\n"u8.ToArray(), e.Data.ToArray()));
            Assert.All(entries, e => Assert.InRange(e.Data.Length, 0, 2 * LogRecordHeader.MaxPayload));
        }, iter: 2000, threads: 1);
    }

    private static void Understand(byte[] json)
    {
        try
        {
            OciSpec spec = JsonSerializer.Deserialize(json, OciJson.Default.OciSpec) ?? throw QuiltException.Invalid("config.json", "it is null", "give an object");
            OciSpecValidator.Validate(spec);
            _ = SetupPlan.Compile(spec, "/bundle", (_, _) => []);
            _ = DeviceRules.Of(spec.Linux ?? new OciLinux());
            if (spec.Linux?.Seccomp is { } filter)
            {
                _ = SeccompCompiler.Compile(filter);
            }
        }
        catch (Exception e) when (e is JsonException or QuiltException)
        {
            // Refused.
        }
    }
}
