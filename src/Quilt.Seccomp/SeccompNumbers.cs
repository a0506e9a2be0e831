namespace Quilt.Seccomp;

/// <summary>System call numbers by name, as the compiler knows them.</summary>
public static class SeccompNumbers
{
    public static IReadOnlyDictionary<string, uint> X64 { get; } = SeccompArchitecture.Parse(Tables.X64Syscalls.Text);
}
