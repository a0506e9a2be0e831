namespace Quilt.Linux;

/// <summary>What is to be waited for, or came (EPOLL*).</summary>
[Flags]
public enum EventKind : uint
{
    None = 0,
    Readable = 0x1,
    Urgent = 0x2,
    Writable = 0x4,

    /// <summary>Always reported.</summary>
    Error = 0x8,

    /// <summary>Always reported: the other end is closed, or the process behind a pidfd was reaped.</summary>
    HangUp = 0x10,
    PeerClosed = 0x2000,
    OneShot = 0x40000000,
    EdgeTriggered = 0x80000000,
}
