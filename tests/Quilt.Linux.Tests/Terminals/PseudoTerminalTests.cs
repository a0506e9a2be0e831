namespace Quilt.Linux.Tests.Terminals;

public class PseudoTerminalTests
{
    [Fact]
    public void What_one_end_writes_the_other_reads_and_both_agree_on_the_size()
    {
        using PseudoTerminal terminal = PseudoTerminal.Open();
        using FileDescriptor peer = terminal.OpenPeer();
        terminal.Size = new TerminalSize(132, 43);
        Assert.Equal(new TerminalSize(132, 43), terminal.Size);
        Assert.Equal(FileKind.CharacterDevice, Sys.Status(peer).Kind);
        Assert.Equal(136u, Sys.Status(peer).DeviceNumber.Major); // UNIX98_PTY_SLAVE_MAJOR
        Sys.WriteAll(peer, "hi\n"u8, "peer");
        byte[] buffer = new byte[16];
        int count = Sys.Read(terminal.Controller, buffer, "controller");
        Assert.Equal("hi\r\n"u8, buffer.AsSpan(0, count));
    }

    [Fact]
    public void A_raw_terminal_changes_no_byte_and_goes_back_to_what_it_was()
    {
        using PseudoTerminal terminal = PseudoTerminal.Open();
        using FileDescriptor peer = terminal.OpenPeer();
        TerminalMode before = TerminalMode.TryGet(peer)!;
        before.Raw().Apply(peer);
        Sys.WriteAll(peer, "a\n"u8, "peer");
        Sys.WriteAll(terminal.Controller, "\x03\r\x04"u8, "controller");
        byte[] buffer = new byte[16];
        Assert.Equal("a\n"u8, buffer.AsSpan(0, Sys.Read(terminal.Controller, buffer, "controller")));
        Assert.Equal("\x03\r\x04"u8, buffer.AsSpan(0, Sys.Read(peer, buffer, "peer")));
        before.Apply(peer);
        Assert.True(before.Equals(TerminalMode.TryGet(peer)!));
    }

    [Fact]
    public void A_file_has_no_mode_and_no_size()
    {
        using FileDescriptor file = Sys.Open("/dev/null", OpenMode.ReadWrite);
        Assert.False(TerminalMode.IsTerminal(file));
        Assert.Null(TerminalMode.TryGetSize(file));
    }

    [Fact]
    public void What_is_no_terminal_is_refused() =>
        Assert.Contains("TIOCSPTLCK", Assert.Throws<SyscallException>(() => PseudoTerminal.Open("/dev/null")).Message, StringComparison.Ordinal);
}
