namespace Quilt.Linux;

/// <summary>BPF_DEVCG_ACC_*.</summary>
[Flags]
internal enum DeviceAccess
{
    None = 0,
    MakeNode = 1,
    Read = 2,
    Write = 4,
    All = MakeNode | Read | Write,
}
