using System.Runtime.InteropServices;
using Quilt.Launch.Child;
using Quilt.Linux;

namespace Quilt.Launch.Parent;

/// <summary>The parent's end of the socket to the child.</summary>
internal sealed class ControlChannel(FileDescriptor socket) : IDisposable
{
    /// <summary>Readable when the child has said something, or has closed its end.</summary>
    internal FileDescriptor Socket => socket;

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
            throw Late(patience);
        }

        return Take(out fd);
    }

    internal static LaunchException Late(TimeSpan patience) => new(LaunchStage.Readiness, Errno.EAGAIN, $"the process was not ready within {patience.TotalSeconds:0} s");

    /// <summary>As <see cref="Receive"/>, of one that has said something.</summary>
    internal ControlMessage? Take(out FileDescriptor? fd)
    {
        ControlMessage message = default;
        int count = Sys.ReceiveWithFd(socket, MemoryMarshal.AsBytes(new Span<ControlMessage>(ref message)), out fd);
        return count == Marshal.SizeOf<ControlMessage>() ? message : null;
    }

    public void Dispose() => socket.Dispose();
}
