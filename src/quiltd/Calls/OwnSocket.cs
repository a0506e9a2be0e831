namespace Quilt.Daemon;

/// <summary>Of a connection that came through the daemon's own socket, which root and its group alone may open: without a token it is the operator's.</summary>
internal sealed class OwnSocket
{
    internal static OwnSocket Instance { get; } = new();
}
