using Quilt.Core;
using Quilt.Oci;

namespace Quilt.Seccomp;

/// <summary>An action, where all of the conditions hold.</summary>
internal sealed record Rule(IReadOnlyList<OciSyscallArg> Conditions, uint Action)
{
    /// <summary>Conditions on the same argument are alternatives, as the runtime spec's other implementations take them.</summary>
    internal static IEnumerable<Rule> From(OciSyscall entry, uint action) =>
        entry.Args.GroupBy(a => a.Index).Any(group => group.Count() > 1)
            ? entry.Args.Select(a => new Rule([a], action))
            : [new Rule(entry.Args, action)];

    /// <summary>Emits the test; goes to <paramref name="otherwise"/> where a condition fails.</summary>
    internal int Emit(BpfBuilder program, int otherwise)
    {
        int match = program.Ret(Action);
        foreach (OciSyscallArg condition in Conditions.Reverse())
        {
            match = Emit(program, condition, match, otherwise);
        }

        return match;
    }

    private static int Emit(BpfBuilder program, OciSyscallArg condition, int match, int fail) => condition.Op switch
    {
        "SCMP_CMP_EQ" => Equal(program, condition.Index, ulong.MaxValue, condition.Value, match, fail),
        "SCMP_CMP_NE" => Equal(program, condition.Index, ulong.MaxValue, condition.Value, fail, match),
        "SCMP_CMP_MASKED_EQ" => Equal(program, condition.Index, condition.Value, condition.ValueTwo, match, fail),
        "SCMP_CMP_GE" => Greater(program, condition, BpfBuilder.JumpGreaterOrEqual, match, fail),
        "SCMP_CMP_LT" => Greater(program, condition, BpfBuilder.JumpGreaterOrEqual, fail, match),
        "SCMP_CMP_GT" => Greater(program, condition, BpfBuilder.JumpGreater, match, fail),
        "SCMP_CMP_LE" => Greater(program, condition, BpfBuilder.JumpGreater, fail, match),
        _ => throw QuiltException.Invalid("linux.seccomp.syscalls.args.op", $"seccomp operator '{condition.Op}' is unknown", "use one of the runtime spec's SCMP_CMP_ names"),
    };

    /// <summary>The accumulator holds 32 bits: an argument is compared in two halves.</summary>
    private static int Equal(BpfBuilder program, uint index, ulong mask, ulong value, int match, int fail)
    {
        int low = Half(program, SeccompCompiler.ArgumentLow(index), (uint)mask, (uint)value, match, fail);
        uint highMask = (uint)(mask >> 32);
        return highMask == 0 && value >> 32 == 0
            ? low
            : Half(program, SeccompCompiler.ArgumentHigh(index), highMask, (uint)(value >> 32), low, fail);
    }

    private static int Half(BpfBuilder program, uint offset, uint mask, uint value, int match, int fail)
    {
        program.Compare(BpfBuilder.JumpEqual, value, match, fail);
        if (mask != uint.MaxValue)
        {
            program.Mask(mask);
        }

        return program.Load(offset);
    }

    private static int Greater(BpfBuilder program, OciSyscallArg condition, ushort lowOperation, int match, int fail)
    {
        uint high = (uint)(condition.Value >> 32);
        program.Compare(lowOperation, (uint)condition.Value, match, fail);
        int low = program.Load(SeccompCompiler.ArgumentLow(condition.Index));
        int notGreater = program.Compare(BpfBuilder.JumpEqual, high, low, fail);
        program.Compare(BpfBuilder.JumpGreater, high, match, notGreater);
        return program.Load(SeccompCompiler.ArgumentHigh(condition.Index));
    }
}
