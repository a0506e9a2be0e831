using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>A client's connection: takes frames in, and sends them as fast as the client takes them.</summary>
internal sealed class Connection : IDisposable
{
    /// <summary>So much unsent output makes the senders wait.</summary>
    private const int CongestedBytes = 1 << 20;
    private const int ReadBytes = 64 << 10;

    private readonly FileDescriptor _socket;
    private readonly Action<Connection> _gone;
    private readonly FileWatch _watch;
    private readonly ByteQueue _incoming = new(), _outgoing = new();
    private bool _closing, _paused;

    /// <param name="gone">Called after it is closed.</param>
    internal Connection(EventLoop loop, FileDescriptor socket, Action<Connection> gone)
    {
        (_socket, _gone) = (socket, gone);
        _watch = loop.Watch(socket, EventKind.Readable, OnEvent);
    }

    /// <summary>Who takes the frames.</summary>
    internal Action<FrameKind, ReadOnlyMemory<byte>>? Frame { get; set; }

    /// <summary>The client went, or we have closed.</summary>
    internal event Action? Closed;

    /// <summary>Takes it over when who streams has done; null: it closes then.</summary>
    internal Action<Connection>? Next { get; set; }

    /// <summary>It is congested no more.</summary>
    internal event Action? Drained;

    internal bool IsCongested => _outgoing.Count > CongestedBytes;
    internal bool HasUnsent => _outgoing.Count > 0;
    internal bool IsClosed { get; private set; }

    /// <summary>Takes nothing in until resumed: what came would be more than its receiver holds.</summary>
    internal bool Paused
    {
        get => _paused;
        set
        {
            _paused = value;
            SetKinds();
            if (!value)
            {
                Dispatch();
            }
        }
    }

    /// <param name="more">It may wait for the next frame.</param>
    internal void Send(FrameKind kind, ReadOnlySpan<byte> payload, bool more = false)
    {
        if (IsClosed || _closing)
        {
            return;
        }

        Span<byte> header = stackalloc byte[FrameHeader.Size];
        new FrameHeader(kind, payload.Length).Write(header);
        _outgoing.Append(header);
        _outgoing.Append(payload);
        if (!more)
        {
            Flush();
        }
    }

    /// <inheritdoc cref="Send(FrameKind, ReadOnlySpan{byte}, bool)"/>
    internal void Send<T>(FrameKind kind, T content, JsonTypeInfo<T> type, bool more = false) => Send(kind, JsonSerializer.SerializeToUtf8Bytes(content, type), more);

    /// <summary>Sends a frame and descriptors with it, which are closed here. Nothing is unsent before it.</summary>
    internal void SendWith<T>(IReadOnlyList<FileDescriptor> descriptors, FrameKind kind, T content, JsonTypeInfo<T> type)
    {
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(content, type);
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(kind, payload.Length).Write(frame);
        payload.CopyTo(frame.AsSpan(FrameHeader.Size));
        try
        {
            // An answer is shorter than what a socket holds that has nothing in it.
            Sys.SendWithFds(_socket, frame, [.. descriptors.Select(d => d.Number)]);
        }
        catch (SyscallException)
        {
            Dispose();
        }

        foreach (FileDescriptor descriptor in descriptors)
        {
            descriptor.Dispose();
        }
    }

    /// <summary>Who streams has done, and knows it no more.</summary>
    internal void Done()
    {
        if (Next is { } next)
        {
            (Frame, Closed, Drained, Next) = (null, null, null, null);
            next(this);
        }
        else
        {
            Finish();
        }
    }

    /// <summary>Closes when all is sent.</summary>
    internal void Finish()
    {
        _closing = true;
        Flush();
    }

    public void Dispose()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            _watch.Dispose();
            _socket.Dispose();
            Closed?.Invoke();
            _gone(this);
        }
    }

    private void OnEvent(EventKind kinds)
    {
        if (kinds.HasFlag(EventKind.Writable))
        {
            Flush();
        }

        if (!IsClosed && (kinds & (EventKind.Readable | EventKind.HangUp | EventKind.Error)) != 0)
        {
            Receive(kinds);
        }
    }

    private void Receive(EventKind kinds)
    {
        int count = _paused && !kinds.HasFlag(EventKind.HangUp) ? -1 : Sys.TryRead(_socket, _incoming.Reserve(ReadBytes));
        if (count > 0)
        {
            _incoming.Commit(count);
            Dispatch();
        }
        else if (count == 0)
        {
            Dispose();
        }
    }

    private void Dispatch()
    {
        while (!IsClosed && !_closing && !_paused && _incoming.Count >= FrameHeader.Size)
        {
            if (!FrameHeader.TryRead(_incoming.Content.Span, out FrameHeader header))
            {
                Dispose();
                return;
            }

            int length = FrameHeader.Size + header.Length;
            if (_incoming.Count < length)
            {
                return;
            }

            ReadOnlyMemory<byte> payload = _incoming.Content.Slice(FrameHeader.Size, header.Length).ToArray();
            _incoming.Skip(length);
            Frame?.Invoke(header.Kind, payload);
        }
    }

    private void Flush()
    {
        bool wasCongested = IsCongested;
        while (!IsClosed && _outgoing.Count > 0)
        {
            int sent = Sys.TryWrite(_socket, _outgoing.Content.Span);
            if (sent < 0)
            {
                Dispose();
                return;
            }

            if (sent == 0)
            {
                break;
            }

            _outgoing.Skip(sent);
        }

        if (IsClosed)
        {
            return;
        }

        if (_closing && _outgoing.Count == 0)
        {
            Dispose();
            return;
        }

        SetKinds();
        if (wasCongested && !IsCongested)
        {
            Drained?.Invoke();
        }
    }

    private void SetKinds()
    {
        if (!IsClosed)
        {
            _watch.Kinds = (_paused ? EventKind.None : EventKind.Readable) | (_outgoing.Count > 0 ? EventKind.Writable : EventKind.None);
        }
    }

    internal static WindowSize? ReadSize(ReadOnlySpan<byte> payload) => payload.Length == 4
        ? new WindowSize(BinaryPrimitives.ReadUInt16LittleEndian(payload), BinaryPrimitives.ReadUInt16LittleEndian(payload[2..]))
        : null;
}
