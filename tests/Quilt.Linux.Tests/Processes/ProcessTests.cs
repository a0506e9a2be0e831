using System.Diagnostics;
using CsCheck;
using Quilt.Testing;

namespace Quilt.Linux.Tests.Processes;

public class ProcessTests
{
    [Theory]
    [InlineData("cat")]
    [InlineData("a b")]
    [InlineData("tmux: (server)")]
    [InlineData(") R 1 (")]
    [InlineData("x) S 9 9 9 9")]
    public void A_commands_name_may_hold_anything(string name)
    {
        string text = $"17 ({name}) S 4 17 16 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 987654 0 0 18446744073709551615\n";
        Assert.Equal(new ProcessStat('S', 4, 16, 987654), ProcessStat.TryParse(text));
    }

    [Fact]
    public void No_text_makes_the_parser_throw() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789 ()RSZ-\n"], 0, 120]).Sample(text => _ = ProcessStat.TryParse(text));

    [Fact]
    public void The_identity_of_this_process_lives_and_one_with_another_start_does_not()
    {
        ProcessIdentity self = ProcessIdentity.OfThisProcess();
        Assert.True(self.IsAlive);
        Assert.False((self with { StartTime = self.StartTime + 1 }).IsAlive);
        using FileDescriptor? process = self.TryOpen();
        Assert.NotNull(process);
        Assert.Null((self with { StartTime = self.StartTime + 1 }).TryOpen());
    }

    [Fact]
    public async Task An_unprivileged_program_that_is_to_end_with_its_thread_does_so_with_all_that_it_started()
    {
        using Process started = await FileThread.RunAsync(null, () =>
        {
            Process program = UnprivilegedProgram.TryStart(UnprivilegedProgram.Describe([], ["sh", "-c", "sleep 1000 & echo begun; sleep 1000"], endsWithThread: true))!;
            Assert.Equal("begun", program.StandardOutput.ReadLine());
            return program;
        });

        // Its end comes when the last of them is gone.
        Assert.Equal("", await started.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        await started.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_process_that_has_ended_is_no_longer_alive_nor_a_leak()
    {
        await using LeakCheck leaks = new();
        using Process child = Process.Start(new ProcessStartInfo("/bin/sleep", ["60"]))!;
        ProcessIdentity identity = ProcessIdentity.TryOf(child.Id)!.Value;
        Assert.Contains($"process {child.Id}", leaks.Left());
        using FileDescriptor process = identity.TryOpen()!;
        Assert.True(Sys.PidFdSendSignal(process, 9));
        await child.WaitForExitAsync();
        await Deadline.Until(() => !identity.IsAlive);
        Assert.Null(identity.TryOpen());
        Assert.False(Sys.PidFdSendSignal(process, 9));
    }

    [Fact]
    public void Another_ones_child_cannot_be_reaped()
    {
        using FileDescriptor self = Sys.PidFdOpen(Environment.ProcessId);
        Assert.Equal(Errno.ECHILD, Assert.Throws<SyscallException>(() => Sys.WaitPidFd(self, wait: false, out _)).Errno);
    }

    [Theory]
    [InlineData("CAP_NET_RAW", 13)]
    [InlineData("net_raw", 13)]
    [InlineData("cap_checkpoint_restore", 40)]
    [InlineData("CAP_NONE", -1)]
    [InlineData("", -1)]
    public void Capabilities_are_known_by_name(string name, int number) => Assert.Equal(number, Capabilities.NumberOf(name));

    [Fact]
    public void Unknown_capabilities_are_left_out_of_a_mask() =>
        Assert.Equal((1UL << 13) | 1, Capabilities.Mask(["CAP_NET_RAW", "CAP_CHOWN", "CAP_OF_TOMORROW"]));

    [Fact]
    public void A_namespace_already_joined_can_be_joined_again_but_a_user_namespace_cannot_from_many_threads()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "setns needs root");
        using FileDescriptor network = Sys.Open("/proc/self/ns/net", OpenMode.ReadOnly), user = Sys.Open("/proc/self/ns/user", OpenMode.ReadOnly);
        Sys.JoinNamespaces(network, NamespaceKind.Network);
        Assert.Equal(Errno.EINVAL, Assert.Throws<SyscallException>(() => Sys.JoinNamespaces(user, NamespaceKind.User)).Errno);
    }
}
