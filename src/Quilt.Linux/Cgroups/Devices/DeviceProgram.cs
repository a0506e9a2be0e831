using Quilt.Oci;

namespace Quilt.Linux;

/// <summary>
/// Compiles device rules to the eBPF program that the kernel asks at each opening or making of a device node: 1 lets it, 0
/// refuses. What no rule names is refused. The last rule on a device decides, for each kind of access by itself, as if the
/// rules had been written to v1's files one after the other.
/// </summary>
internal static class DeviceProgram
{
    // struct bpf_cgroup_dev_ctx: access and type in one word, major, minor
    private const short AccessAndType = 0, MajorNumber = 4, MinorNumber = 8;
    private const int Block = 1, Character = 2, TypeMask = 0xFFFF, AccessShift = 16;
    private const int Answer = 0, Context = 1, Type = 2, Wanted = 3, Major = 4, Minor = 5;

    /// <exception cref="SyscallException">EINVAL at a rule that names no kind of device or access there is.</exception>
    internal static BpfInstruction[] Compile(IReadOnlyList<OciDeviceRule> rules)
    {
        List<BpfInstruction> program =
        [
            BpfInstruction.Load(Type, Context, AccessAndType),
            BpfInstruction.Copy(Wanted, Type),
            BpfInstruction.And(Type, TypeMask),
            BpfInstruction.Shift(Wanted, AccessShift),
            BpfInstruction.Load(Major, Context, MajorNumber),
            BpfInstruction.Load(Minor, Context, MinorNumber),
        ];

        // From the last rule to the first, striking from what is wanted each access that is allowed; one that is still wanted
        // when a rule refuses it, or at the end, is refused.
        foreach (OciDeviceRule rule in rules.Reverse())
        {
            List<BpfInstruction> verdict = Verdict(rule, Access(rule));
            List<(int Register, int Value)> conditions = Conditions(rule);
            for (int i = 0; i < conditions.Count; i++)
            {
                program.Add(BpfInstruction.SkipIfNotEqual(conditions[i].Register, conditions[i].Value, (short)(conditions.Count - 1 - i + verdict.Count)));
            }

            program.AddRange(verdict);
            if (conditions.Count == 0 && Access(rule) == DeviceAccess.All)
            {
                return [.. program]; // It decides always; the verifier refuses steps that nothing leads to.
            }
        }

        program.AddRange([BpfInstruction.Set(Answer, 0), BpfInstruction.Exit]);
        return [.. program];
    }

    private static List<(int Register, int Value)> Conditions(OciDeviceRule rule)
    {
        List<(int, int)> conditions = [];
        int type = rule.Type switch
        {
            null or "" or "a" => 0,
            "b" => Block,
            "c" or "u" => Character,
            _ => throw new SyscallException("compile", $"device type '{rule.Type}'", Errno.EINVAL),
        };
        if (type != 0)
        {
            conditions.Add((Type, type));
        }

        if (rule.Major is { } major and >= 0)
        {
            conditions.Add((Major, Number(major)));
        }

        if (rule.Minor is { } minor and >= 0)
        {
            conditions.Add((Minor, Number(minor)));
        }

        return conditions;
    }

    private static List<BpfInstruction> Verdict(OciDeviceRule rule, DeviceAccess access)
    {
        List<BpfInstruction> verdict = [];
        if (access != DeviceAccess.All)
        {
            verdict.AddRange(rule.Allow
                ? [BpfInstruction.And(Wanted, ~(int)access), BpfInstruction.SkipIfNotEqual(Wanted, 0, 2)]
                : [BpfInstruction.Copy(Answer, Wanted), BpfInstruction.And(Answer, (int)access), BpfInstruction.SkipIfEqual(Answer, 0, 2)]);
        }

        verdict.AddRange([BpfInstruction.Set(Answer, rule.Allow ? 1 : 0), BpfInstruction.Exit]);
        return verdict;
    }

    private static DeviceAccess Access(OciDeviceRule rule)
    {
        DeviceAccess access = DeviceAccess.None;
        foreach (char letter in rule.Access ?? "")
        {
            access |= letter switch
            {
                'r' => DeviceAccess.Read,
                'w' => DeviceAccess.Write,
                'm' => DeviceAccess.MakeNode,
                _ => throw new SyscallException("compile", $"device access '{rule.Access}'", Errno.EINVAL),
            };
        }

        return access == DeviceAccess.None ? DeviceAccess.All : access;
    }

    private static int Number(long number) =>
        number <= uint.MaxValue ? unchecked((int)(uint)number) : throw new SyscallException("compile", $"device number {number}", Errno.EINVAL);
}
