namespace Quilt.Linux.Tests.Sockets;

public class DescriptorPassingTests
{
    [Fact]
    public void Descriptors_arrive_in_order_with_their_packet()
    {
        (FileDescriptor left, FileDescriptor right) = Sys.SocketPair();
        using (left)
        using (right)
        using (FileDescriptor a = Sys.SealedMemory("a", "A"u8), b = Sys.SealedMemory("b", "BB"u8))
        {
            Sys.SendWithFds(left, "hello"u8, [a.Number, b.Number]);
            List<FileDescriptor> fds = [];
            byte[] payload = new byte[16];
            Assert.Equal("hello"u8, payload.AsSpan(0, Sys.ReceiveWithFds(right, payload, fds)));
            Assert.Equal([1UL, 2], fds.Select(f => Sys.Status(f).SizeBytes));
            fds.ForEach(f => f.Dispose());
        }
    }

    [Fact]
    public void As_many_as_may_be_sent_may_be_received()
    {
        (FileDescriptor left, FileDescriptor right) = Sys.SocketPair();
        using (left)
        using (right)
        {
            Sys.SendWithFds(left, "x"u8, Enumerable.Repeat(left.Number, 250).ToArray());
            List<FileDescriptor> fds = [];
            Assert.Equal(1, Sys.ReceiveWithFds(right, new byte[1], fds));
            Assert.Equal(250, fds.Count);
            fds.ForEach(f => f.Dispose());
            Assert.Throws<ArgumentOutOfRangeException>(() => Sys.SendWithFds(left, "x"u8, new int[251]));
        }
    }

    [Fact]
    public void The_end_of_the_other_side_is_zero_bytes()
    {
        (FileDescriptor left, FileDescriptor right) = Sys.SocketPair();
        left.Dispose();
        using (right)
        {
            Assert.Equal(0, Sys.ReceiveWithFds(right, new byte[1], []));
        }
    }

    [Fact]
    public void The_peer_is_who_connected()
    {
        (FileDescriptor left, FileDescriptor right) = Sys.SocketPair();
        using (left)
        using (right)
        {
            Assert.Equal(Environment.ProcessId, Sys.Peer(left).Pid);
            Assert.Equal(Environment.IsPrivilegedProcess, Sys.Peer(left).Uid == 0);
        }
    }
}
