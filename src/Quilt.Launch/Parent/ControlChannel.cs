using System.Runtime.InteropServices;
using Quilt.Launch.Child;
using Quilt.Linux;

namespace Quilt.Launch.Parent;

/// <summary>The parent's end of the socket to the child.</summary>
internal sealed class ControlChannel(FileDescriptor socket) : IDisposable
{
    private const int FdsPerMessage = 250;

    /// <summary>Makes both ends; the child closes its copy of ours. Ours is left when theirs is closed after the clone.</summary>
    internal static unsafe (ControlChannel Ours, FileDescriptor Theirs) Open(ChildProgram* program)
    {
        (FileDescriptor ours, FileDescriptor theirs) = Sys.SocketPair();
        (program->Control, program->ParentControl) = (theirs.Number, ours.Number);
        return (new ControlChannel(ours), theirs);
    }

    internal void Proceed(IReadOnlyList<FileDescriptor> mounts)
    {
        int sent = 0;
        do
        {
            int[] batch = mounts.Skip(sent).Take(FdsPerMessage).Select(m => m.Number).ToArray();
            Send(new ControlMessage { Kind = ControlKind.Proceed, Value = mounts.Count }, batch);
            sent += batch.Length;
        }
        while (sent < mounts.Count);
    }

    internal void Start() => Send(new ControlMessage { Kind = ControlKind.Start }, []);

    private void Send(ControlMessage message, ReadOnlySpan<int> fds)
    {
        try
        {
            Sys.SendWithFds(socket, MemoryMarshal.AsBytes(new ReadOnlySpan<ControlMessage>(ref message)), fds);
        }
        catch (SyscallException e) when (e.Errno is Errno.EPIPE or Errno.ECONNRESET)
        {
            // The child has gone; what it said before tells why, and is read next.
        }
    }

    /// <summary>The child's next word; null once it has executed the command, or ended.</summary>
    /// <exception cref="LaunchException">It has kept silent for longer than <paramref name="patience"/>.</exception>
    internal ControlMessage? Receive(TimeSpan patience, out FileDescriptor? fd)
    {
        if (!Sys.WaitReadable(socket, patience))
        {
            throw new LaunchException(LaunchStage.Readiness, Errno.EAGAIN, $"the process was not ready within {patience.TotalSeconds:0} s");
        }

        ControlMessage message = default;
        int count = Sys.ReceiveWithFd(socket, MemoryMarshal.AsBytes(new Span<ControlMessage>(ref message)), out fd);
        return count == Marshal.SizeOf<ControlMessage>() ? message : null;
    }

    /// <summary>What the child has said already, if anything.</summary>
    internal ControlMessage? TryReceive()
    {
        FileDescriptor? fd = null;
        ControlMessage? message = Sys.WaitReadable(socket, TimeSpan.Zero) ? Receive(TimeSpan.Zero, out fd) : null;
        fd?.Dispose();
        return message;
    }

    public void Dispose() => socket.Dispose();
}
