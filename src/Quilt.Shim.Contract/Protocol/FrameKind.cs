namespace Quilt.Shim.Contract;

/// <summary>
/// What a frame on the shim's socket is. A frame is a header of 8 bytes, little-endian: <c>u32</c> payload length,
/// <c>u8</c> kind, three reserved zero bytes; then the payload.
/// A connection carries one request and its answer, then, for a stream, data until the exit.
/// </summary>
public enum FrameKind : byte
{
    /// <summary>Client to shim, first on each connection: <see cref="ShimRequest"/> as JSON.</summary>
    Request = 1,

    /// <summary>Shim to client: <see cref="ShimResponse"/> as JSON.</summary>
    Response = 2,

    /// <summary>Shim to client: <see cref="ShimEvent"/> as JSON, on a connection that asked to watch.</summary>
    Event = 3,

    /// <summary>Client to shim: bytes for stdin; an empty payload closes it.</summary>
    Stdin = 4,
    Stdout = 5,
    Stderr = 6,

    /// <summary>Client to shim: two <c>u16</c>, columns and rows.</summary>
    Resize = 7,

    /// <summary>Client to shim: <c>i32</c> signal number for the streamed process.</summary>
    Signal = 8,

    /// <summary>Shim to client, last of a stream: <see cref="ExitRecord"/> as JSON.</summary>
    Exit = 9,

    /// <summary>Shim to client, empty: there is more in the log. Several advances may be told as one.</summary>
    LogAdvanced = 10,

    /// <summary>Client to shim, empty: the stream is left, and the process goes on. The shim closes the connection when it has come so far.</summary>
    Leave = 11,
}
