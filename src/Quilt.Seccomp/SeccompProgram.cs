namespace Quilt.Seccomp;

/// <summary>A compiled filter, ready for seccomp(2).</summary>
/// <param name="Instructions">struct sock_filter, 8 bytes each, in the machine's byte order.</param>
/// <param name="Flags">SECCOMP_FILTER_FLAG_*.</param>
/// <param name="NeedsListener">A rule notifies, so loading returns a listener.</param>
/// <param name="UnknownNames">System calls that this build knows no number of; their rules were left out.</param>
public sealed record SeccompProgram(byte[] Instructions, uint Flags, bool NeedsListener, IReadOnlyList<string> UnknownNames);
