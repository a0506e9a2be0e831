namespace Quilt.Oci;

/// <summary>The system call filter.</summary>
/// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#seccomp"/>
public sealed record OciSeccomp(string DefaultAction)
{
    public uint? DefaultErrnoRet { get; init; }
    public IReadOnlyList<string> Architectures { get => field ?? []; init; }
    public IReadOnlyList<string> Flags { get => field ?? []; init; }
    public string? ListenerPath { get; init; }
    public string? ListenerMetadata { get; init; }
    public IReadOnlyList<OciSyscall> Syscalls { get => field ?? []; init; }
}

public sealed record OciSyscall(IReadOnlyList<string> Names, string Action)
{
    public uint? ErrnoRet { get; init; }
    public IReadOnlyList<OciSyscallArg> Args { get => field ?? []; init; }
}

/// <param name="Op"><c>SCMP_CMP_NE LT LE EQ GE GT MASKED_EQ</c>.</param>
/// <param name="ValueTwo">With MASKED_EQ: <c>(arg &amp; Value) == ValueTwo</c>.</param>
public sealed record OciSyscallArg(uint Index, ulong Value, string Op)
{
    public ulong ValueTwo { get; init; }
}
