using System.Text;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>A connection to quiltd's socket over which a command's outputs come as descriptors, beside its gRPC call (docs/decisions/0010-outputs-by-descriptor.md).</summary>
internal sealed class DescriptorChannel : IDisposable
{
    /// <summary>Names the channel in the call's metadata.</summary>
    internal const string Header = "quilt-descriptor-channel";
    private const int IdLength = 32, Outputs = 2;
    private readonly FileDescriptor _socket;

    private DescriptorChannel(FileDescriptor socket, string id) => (_socket, Id) = (socket, id);

    /// <summary>As the daemon named it.</summary>
    internal string Id { get; }

    private static ReadOnlySpan<byte> Preface => "QUILT DESCRIPTORS\n"u8;

    /// <returns>Null where the daemon knows no such thing, or takes no connection: output then comes in the call.</returns>
    internal static DescriptorChannel? TryOpen(DaemonAddress address)
    {
        FileDescriptor? socket = null;
        try
        {
            socket = Sys.Connect(address.SocketPath, stream: true);
            Sys.WriteAll(socket, Preface, "quiltd");
            Span<byte> id = stackalloc byte[IdLength];
            for (int got = 0; got < IdLength;)
            {
                int count = Sys.ReadShared(socket, id[got..], "quiltd");
                if (count == 0)
                {
                    socket.Dispose();
                    return null;
                }

                got += count;
            }

            return new DescriptorChannel(socket, Encoding.ASCII.GetString(id));
        }
        catch (SyscallException)
        {
            socket?.Dispose();
            return null;
        }
    }

    /// <summary>A command's stdout and stderr, once the daemon has said that they are here.</summary>
    internal (FileDescriptor Stdout, FileDescriptor Stderr) Receive()
    {
        List<FileDescriptor> outputs = [];
        Sys.ReceiveWithFds(_socket, stackalloc byte[1], outputs);
        return outputs.Count == Outputs
            ? (outputs[0], outputs[1])
            : throw new QuiltException(ErrorCode.Internal, "quiltd did not hand over the command's output", "see quiltd's log");
    }

    public void Dispose() => _socket.Dispose();
}
