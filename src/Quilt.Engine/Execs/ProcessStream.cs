using System.Buffers.Binary;
using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>The live standard streams of a process in a container. One reader and one writer at a time.</summary>
public sealed class ProcessStream : IDisposable
{
    private readonly ShimConnection _connection;
    private readonly Action<ShimConnection>? _keep;
    private bool _ended;

    /// <param name="keep">Takes the connection when the process has ended; null closes it.</param>
    internal ProcessStream(ShimConnection connection, string execId, int pid, Action<ShimConnection>? keep = null) =>
        (_connection, ExecId, Pid, _keep) = (connection, execId, pid, keep);

    /// <summary>What there is to say where it ended without an exit, and nobody has left it.</summary>
    public static QuiltException Lost => new(ErrorCode.Aborted, "the container has ended, and its exit is not known", "look at its state");

    /// <summary>Empty for the container's own command.</summary>
    public string ExecId { get; }

    /// <summary>The reading ends of its stdout and stderr where <see cref="ExecSpec.HandOver"/> asked for them; nothing of them is read here then. Closed with this.</summary>
    public IReadOnlyList<FileDescriptor> Outputs => _connection.Descriptors;

    /// <summary>Somebody else has <see cref="Outputs"/> now.</summary>
    public void CloseOutputs()
    {
        foreach (FileDescriptor output in Outputs)
        {
            output.Dispose();
        }
    }

    /// <summary>As the host sees it; 0 where it is not yet executed.</summary>
    public int Pid { get; }

    /// <summary>What came next; null where the shim is gone: the container died with it. The exit is the last.</summary>
    public async ValueTask<ProcessOutput?> ReadAsync(CancellationToken cancellation)
    {
        while (await _connection.ReadAsync(cancellation).ConfigureAwait(false) is { } frame)
        {
            switch (frame.Kind)
            {
                case FrameKind.Stdout:
                    return new ProcessOutput(LogStream.Stdout, frame.Payload, null);
                case FrameKind.Stderr:
                    return new ProcessOutput(LogStream.Stderr, frame.Payload, null);
                case FrameKind.Exit:
                    _ended = true;
                    return new ProcessOutput(LogStream.Notice, default, JsonSerializer.Deserialize(frame.Payload.Span, ShimJson.Default.ExitRecord)!);
            }
        }

        return null;
    }

    /// <summary>Waits while the process does not take what it was given before.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> input, CancellationToken cancellation)
    {
        // An empty frame would mean the end.
        for (; !input.IsEmpty; input = input[Math.Min(input.Length, FrameHeader.MaxPayload)..])
        {
            await _connection.SendAsync(FrameKind.Stdin, input[..Math.Min(input.Length, FrameHeader.MaxPayload)], cancellation).ConfigureAwait(false);
        }
    }

    public async Task CloseInputAsync(CancellationToken cancellation) =>
        await _connection.SendAsync(FrameKind.Stdin, default, cancellation).ConfigureAwait(false);

    /// <summary>The process goes on without this stream, which then ends; <see cref="HasLeft"/> tells it from the shim's end.</summary>
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        HasLeft = true;
        await _connection.SendAsync(FrameKind.Leave, default, cancellation).ConfigureAwait(false);
    }

    public bool HasLeft { get; private set; }

    public async Task ResizeAsync(WindowSize size, CancellationToken cancellation)
    {
        byte[] payload = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(payload, size.Columns);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(2), size.Rows);
        await _connection.SendAsync(FrameKind.Resize, payload, cancellation).ConfigureAwait(false);
    }

    public async Task SignalAsync(int signal, CancellationToken cancellation)
    {
        byte[] payload = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(payload, signal);
        await _connection.SendAsync(FrameKind.Signal, payload, cancellation).ConfigureAwait(false);
    }

    public void Dispose()
    {
        CloseOutputs();
        if (_ended && _keep is not null)
        {
            _keep(_connection);
        }
        else
        {
            _connection.Dispose();
        }
    }
}

/// <param name="Data">Holds until the next one is read.</param>
/// <param name="Exit">The last of all; then there is no data.</param>
public readonly record struct ProcessOutput(LogStream Stream, ReadOnlyMemory<byte> Data, ExitRecord? Exit);
