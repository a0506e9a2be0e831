namespace Quilt.Linux;

/// <summary>ioctl(2) requests for terminals, the same on x86-64 and arm64 (ioctl_tty(2)).</summary>
public static class TerminalRequests
{
    /// <summary>TIOCSCTTY: makes it the controlling terminal of the session that the caller leads.</summary>
    public const uint SetControlling = 0x540E;

    /// <summary>TCGETS.</summary>
    public const uint GetMode = 0x5401;

    /// <summary>TCSETSW: after all output has been shown.</summary>
    public const uint SetModeWhenDrained = 0x5403;

    /// <summary>TIOCGWINSZ.</summary>
    public const uint GetSize = 0x5413;

    /// <summary>TIOCSWINSZ.</summary>
    public const uint SetSize = 0x5414;

    /// <summary>TIOCSPTLCK.</summary>
    public const uint SetLock = 0x40045431;

    /// <summary>TIOCGPTPEER: opens the other end without a path (Linux 4.13).</summary>
    public const uint OpenPeer = 0x5441;
}
