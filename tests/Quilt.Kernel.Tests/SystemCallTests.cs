using System.Runtime.InteropServices;
using Quilt.Oci;
using Quilt.Shim.Contract;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>security.md, line 4: the filter, tried by making the calls.</summary>
public sealed class SystemCallTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    [Fact]
    public void Namespaces_mounts_keyrings_and_the_kernels_dangerous_parts_are_refused_and_later_calls_do_not_exist()
    {
        (int code, string output) = Runtime.RunContainer(["hostile", "calls"]);
        Assert.Equal(0, code);
        Dictionary<string, string> results = HostileProgram.Results(output);
        Assert.True(results.Count >= 65, output);
        Assert.All(results, attempt => Assert.Equal((attempt.Key, Expected(attempt.Key)), (attempt.Key, attempt.Value)));
    }

    [Fact]
    public void An_exec_has_the_same_filter()
    {
        using RunningContainer container = Runtime.Start();
        (int code, string output) = container.Exec("hostile", "calls");
        Assert.Equal(0, code);
        Dictionary<string, string> results = HostileProgram.Results(output);
        Assert.True(results.Count >= 65);
        Assert.All(results, attempt => Assert.Equal((attempt.Key, Expected(attempt.Key)), (attempt.Key, attempt.Value)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_call_through_another_architectures_door_ends_the_process(bool exec)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "only x86-64 has other doors");
        using RunningContainer container = Runtime.Start();
        string output = exec ? container.Exec("hostile", "abis").Output : Runtime.RunContainer(["hostile", "abis"]).Output;
        Dictionary<string, string> results = HostileProgram.Results(output);
        Assert.Equal(6, results.Count);

        // SIGSYS; SIGSEGV where the kernel was built without 32-bit calls.
        Assert.All(results, attempt => Assert.True(attempt.Value is "signal 31" || (attempt.Value is "signal 11" && attempt.Key.StartsWith("int80", StringComparison.Ordinal)), $"{attempt.Key}: {attempt.Value}"));
    }

    /// <summary>CVE-2017-5226: characters pushed into the terminal of whoever looks at it.</summary>
    [Fact]
    public async Task No_input_can_be_pushed_into_a_terminal()
    {
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"]);
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            using ShimConnection stream = await shim.Exec("e", "exec hostile terminal", terminal: true);
            (string stdout, _, ExitRecord exit) = await ShimProcess.ReadToExit(stream);
            Assert.Equal(0, exit.ExitCode);
            Assert.Equal(
                ["controlling-terminal ok", "is-terminal ok", "tioclinux EPERM", "tiocsti EPERM", "tiocsti-high-half EPERM", "tiocsti-own EPERM", "waiting 0"],
                stdout.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        }

        ShimTests.RemoveGroup(id);
    }

    /// <summary>
    /// CVE-2022-0185 (a file system's context from a user namespace of one's own) and CVE-2022-0492 (release_agent): what the
    /// filter forbids is no way out either where a configuration goes without a filter.
    /// </summary>
    [Fact]
    public void Without_a_filter_a_nested_user_namespace_unmasks_nothing()
    {
        // Root of a nested namespace takes this one (user_namespaces(7)); without, nothing there could be made, and so nothing be refused.
        IReadOnlyList<string> capabilities = [.. StandardCapabilities.All, "CAP_SETFCAP"];
        (int code, string output) = Runtime.RunContainer(["hostile", "nested"], s => s with
        {
            Process = s.Process! with { Capabilities = new OciCapabilities { Bounding = capabilities, Permitted = capabilities, Effective = capabilities } },
            Linux = s.Linux! with { Seccomp = null },
        });
        Assert.Equal(0, code);
        Dictionary<string, string> results = HostileProgram.Results(output);
        Assert.All((string[])["unshare", "mount-tmpfs", "mkdir"], name => Assert.Equal((name, "ok"), (name, results[name])));
        Assert.All(NotForNested, name => Assert.NotEqual((name, "ok"), (name, results[name])));
    }

    internal static readonly string[] NotForNested = ["unmask-file", "unmask-folder", "remount-proc-sys", "remount-sys", "bind-unmasked", "fresh-proc", "fresh-sysfs", "release-agent", "device"];

    [Fact]
    public void With_the_filter_there_is_no_nested_user_namespace() =>
        Assert.Equal("unshare EPERM\n", Runtime.RunContainer(["hostile", "nested"]).Output);

    private static string Expected(string call) => call switch
    {
        "clone3" or "number-of-a-later-kernel" or "number-minus-one" => "ENOSYS",
        _ when call.StartsWith("socket", StringComparison.Ordinal) => "EAFNOSUPPORT",
        _ => "EPERM",
    };
}
