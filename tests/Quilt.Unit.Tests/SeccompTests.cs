using System.Diagnostics;
using CsCheck;
using Quilt.Oci;
using Quilt.Seccomp;
using Xunit;

namespace Quilt.Unit.Tests;

public sealed class SeccompTests
{
    private const uint X64 = 0xC000003E, I386 = 0x40000003;
    private const uint Allow = 0x7fff0000, Eperm = 0x00050001, Eafnosupport = 0x00050061, Enosys = 0x00050026, Kill = 0x80000000;
    private static readonly byte[] Default = SeccompCompiler.Compile(DefaultProfile.Build([])).Instructions;

    public static TheoryData<string, uint> Refused => new()
    {
        { "unshare", Eperm }, { "setns", Eperm }, { "mount", Eperm }, { "bpf", Eperm }, { "io_uring_setup", Eperm }, { "keyctl", Eperm },
        { "userfaultfd", Eperm }, { "perf_event_open", Eperm }, { "kexec_load", Eperm }, { "init_module", Eperm }, { "clone3", Enosys },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void The_default_profile_refuses(string name, uint action) => Assert.Equal(action, Run(name));

    [Theory]
    [InlineData("read")]
    [InlineData("execve")]
    [InlineData("openat2")]
    [InlineData("futex")]
    [InlineData("fchmodat2")]
    public void The_default_profile_allows(string name) => Assert.Equal(Allow, Run(name));

    [Fact]
    public void A_call_newer_than_the_tables_does_not_exist() => Assert.Equal(Enosys, BpfInterpreter.Run(Default, X64, 4000));

    [Fact]
    public void Foreign_architectures_are_refused_altogether()
    {
        Assert.Equal(Kill, BpfInterpreter.Run(Default, I386, 3));
        Assert.Equal(Kill, BpfInterpreter.Run(Default, X64, 0x40000000));
        Assert.Equal(Kill, BpfInterpreter.Run(Default, X64, 0xfffffffe));
    }

    [Fact]
    public void A_call_that_a_tracer_skips_does_not_exist() => Assert.Equal(Enosys, BpfInterpreter.Run(Default, X64, uint.MaxValue));

    [Theory]
    [InlineData(1UL, Allow)]
    [InlineData(10UL, Allow)]
    [InlineData(16UL, Allow)]
    [InlineData(0UL, Eafnosupport)]
    [InlineData(38UL, Eafnosupport)]
    [InlineData(0xdeadbeef_00000026UL, Eafnosupport)]
    [InlineData(40UL, Eafnosupport)]
    [InlineData(99UL, Eafnosupport)]
    public void Only_the_usual_families_of_sockets_exist(ulong family, uint action) => Assert.Equal(action, Run("socket", family));

    [Fact]
    public void No_call_that_is_not_listed_is_allowed_whatever_its_arguments()
    {
        string[] never =
        [
            "unshare", "setns", "clone3", "mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
            "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key", "request_key", "kexec_load",
            "kexec_file_load", "init_module", "finit_module", "delete_module", "swapon", "swapoff", "reboot", "open_by_handle_at", "iopl", "ioperm", "acct",
        ];
        Gen.Select(Gen.Int[0, never.Length - 1], Gen.ULong.Array[6]).Sample((which, arguments) =>
            BpfInterpreter.Run(Default, X64, SeccompNumbers.X64[never[which]], arguments) is Eperm or Enosys);
    }

    [Theory]
    [InlineData(0x5412UL, Eperm)]
    [InlineData(0x541CUL, Eperm)]
    [InlineData(0xdeadbeef_00005412UL, Eperm)]
    [InlineData(0x5413UL, Allow)]
    public void Terminal_injection_is_refused_also_with_the_high_half_set(ulong request, uint action) => Assert.Equal(action, Run("ioctl", 1, request));

    [Theory]
    [InlineData(17UL, Allow)]
    [InlineData(0x10000000UL | 17, Eperm)]
    [InlineData(0x00020000UL, Eperm)]
    [InlineData(0x40000000UL, Eperm)]
    public void Clone_makes_processes_but_no_namespaces(ulong flags, uint action) => Assert.Equal(action, Run("clone", flags));

    [Fact]
    public void The_default_program_is_short() => Assert.InRange(Default.Length / 8, 50, 260);

    [Fact]
    public void A_compiled_policy_decides_as_the_policy_reads()
    {
        string[] operators = ["SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_GT", "SCMP_CMP_GE", "SCMP_CMP_MASKED_EQ"];
        Gen<ulong> value = Gen.OneOf(Gen.ULong[0, 8], Gen.Int[0, 2].Select(i => ((ulong[])[0x1_0000_0000UL, 0xffff_ffffUL, ulong.MaxValue])[i]), Gen.ULong);
        Gen<OciSyscallArg> argument = Gen.Select(Gen.UInt[0, 5], value, Gen.Int[0, 6].Select(i => operators[i]), value, (i, v, o, w) => new OciSyscallArg(i, v, o) { ValueTwo = w });
        Gen.Select(argument, value.Array[6]).Sample((arg, values) =>
        {
            OciSeccomp policy = new("SCMP_ACT_ERRNO") { Syscalls = [new OciSyscall(["read"], "SCMP_ACT_ALLOW") { Args = [arg] }] };
            uint result = BpfInterpreter.Run(SeccompCompiler.Compile(policy).Instructions, X64, 0, values);
            return result == (Holds(arg, values[arg.Index]) ? Allow : Eperm);
        }, iter: 2000);
    }

    [Fact]
    public void The_tables_agree_with_the_systems_headers()
    {
        Dictionary<string, uint> numbers = Headers();
        Assert.True(numbers.Count > 300);
        Assert.All(numbers, known => Assert.Equal(known.Value, SeccompNumbers.X64[known.Key]));
    }

    [Fact]
    public void Unknown_names_are_left_out_and_told()
    {
        SeccompProgram program = SeccompCompiler.Compile(new OciSeccomp("SCMP_ACT_ALLOW") { Syscalls = [new OciSyscall(["no_such_call"], "SCMP_ACT_KILL")] });
        Assert.Equal(["no_such_call"], program.UnknownNames);
    }

    private static bool Holds(OciSyscallArg arg, ulong actual) => arg.Op switch
    {
        "SCMP_CMP_EQ" => actual == arg.Value,
        "SCMP_CMP_NE" => actual != arg.Value,
        "SCMP_CMP_LT" => actual < arg.Value,
        "SCMP_CMP_LE" => actual <= arg.Value,
        "SCMP_CMP_GT" => actual > arg.Value,
        "SCMP_CMP_GE" => actual >= arg.Value,
        _ => (actual & arg.Value) == arg.ValueTwo,
    };

    private static uint Run(string name, params ulong[] arguments) => BpfInterpreter.Run(Default, X64, SeccompNumbers.X64[name], arguments);

    private static Dictionary<string, uint> Headers()
    {
        ProcessStartInfo start = new("gcc", ["-dM", "-E", "-include", "asm/unistd_64.h", "-xc", "/dev/null"]) { RedirectStandardOutput = true };
        using Process gcc = Process.Start(start)!;
        string text = gcc.StandardOutput.ReadToEnd();
        gcc.WaitForExit();
        const string prefix = "#define __NR_";
        return text.Split('\n').Where(l => l.StartsWith(prefix, StringComparison.Ordinal)).Select(l => l[prefix.Length..].Split(' '))
            .ToDictionary(p => p[0], p => uint.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
