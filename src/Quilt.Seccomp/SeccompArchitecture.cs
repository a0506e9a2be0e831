using System.Globalization;
using System.Runtime.InteropServices;
using Quilt.Seccomp.Tables;

namespace Quilt.Seccomp;

/// <summary>An architecture that a filter can meet: how the kernel calls it and which numbers its calls have.</summary>
internal sealed class SeccompArchitecture
{
    private static readonly Lazy<SeccompArchitecture> X64 = new(() => new("SCMP_ARCH_X86_64", 0xC000003E, X64Syscalls.Text));
    private static readonly Lazy<SeccompArchitecture> X86 = new(() => new("SCMP_ARCH_X86", 0x40000003, X86Syscalls.Text));
    private static readonly Lazy<SeccompArchitecture> Arm64 = new(() => new("SCMP_ARCH_AARCH64", 0xC00000B7, Arm64Syscalls.Text));

    private SeccompArchitecture(string name, uint auditNumber, string table)
    {
        Name = name;
        AuditNumber = auditNumber;
        Numbers = Parse(table);
    }

    internal static Dictionary<string, uint> Parse(string table) => table.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
        .Select(entry => entry.Split('='))
        .ToDictionary(pair => pair[0], pair => uint.Parse(pair[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    internal string Name { get; }

    /// <summary>AUDIT_ARCH_* (linux/audit.h).</summary>
    internal uint AuditNumber { get; }
    internal Dictionary<string, uint> Numbers { get; }

    internal static SeccompArchitecture Native => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Arm64.Value : X64.Value;

    /// <summary>The native one and those listed that this build knows. What is not among them is refused altogether.</summary>
    internal static IReadOnlyList<SeccompArchitecture> Select(IReadOnlyList<string> listed)
    {
        List<SeccompArchitecture> selected = [Native];
        if (ReferenceEquals(Native, X64.Value) && listed.Contains("SCMP_ARCH_X86"))
        {
            selected.Add(X86.Value);
        }

        return selected;
    }
}
