namespace Quilt.Linux;

/// <summary>Who is at the other end of a connected AF_UNIX socket, as the kernel noted it when they connected (unix(7)).</summary>
public readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid);
