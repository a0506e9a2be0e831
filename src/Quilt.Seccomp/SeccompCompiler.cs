using Quilt.Core;
using Quilt.Oci;

namespace Quilt.Seccomp;

/// <summary>
/// Compiles the runtime spec's filter to classic BPF: a binary search over ranges of system call numbers with the same
/// outcome, which keeps both the program and the path through it short.
/// </summary>
public static class SeccompCompiler
{
    private const uint NumberOffset = 0, ArchitectureOffset = 4, ArgumentsOffset = 16; // struct seccomp_data
    private const uint X32Bit = 0x40000000;
    private const uint Enosys = 38;
    private const int MaxInstructions = 4096; // BPF_MAXINSNS

    public static SeccompProgram Compile(OciSeccomp policy)
    {
        uint defaultAction = SeccompActions.Parse(policy.DefaultAction, policy.DefaultErrnoRet);
        HashSet<string> unknown = new(StringComparer.Ordinal);
        IReadOnlyList<SeccompArchitecture> architectures = SeccompArchitecture.Select(policy.Architectures);
        BpfBuilder program = new();

        // Built backwards: the refusal of foreign architectures is the last resort.
        int next = program.Ret(SeccompActions.KillProcess);
        foreach (SeccompArchitecture architecture in architectures.Reverse())
        {
            int body = CompileArchitecture(program, policy, architecture, defaultAction, unknown, architectures);
            next = program.Compare(BpfBuilder.JumpEqual, architecture.AuditNumber, body, next);
        }

        program.Load(ArchitectureOffset);
        if (program.Count > MaxInstructions)
        {
            throw QuiltException.Invalid("linux.seccomp", $"the filter needs {program.Count} instructions", $"the kernel takes {MaxInstructions}; use fewer rules with arguments");
        }

        bool notifies = policy.Syscalls.Any(s => s.Action == "SCMP_ACT_NOTIFY");
        return new SeccompProgram(program.ToBytes(), Flags(policy, notifies), notifies, [.. unknown.Order(StringComparer.Ordinal)]);
    }

    private static int CompileArchitecture(
        BpfBuilder program, OciSeccomp policy, SeccompArchitecture architecture, uint defaultAction, HashSet<string> unknown, IReadOnlyList<SeccompArchitecture> all)
    {
        SortedDictionary<uint, List<Rule>> rules = [];
        foreach (OciSyscall entry in policy.Syscalls)
        {
            uint action = SeccompActions.Parse(entry.Action, entry.ErrnoRet);
            foreach (string name in entry.Names)
            {
                if (!architecture.Numbers.TryGetValue(name, out uint number))
                {
                    if (all.All(a => !a.Numbers.ContainsKey(name)))
                    {
                        unknown.Add(name);
                    }

                    continue;
                }

                if (!rules.TryGetValue(number, out List<Rule>? list))
                {
                    rules[number] = list = [];
                }

                list.AddRange(Rule.From(entry, action));
            }
        }

        // A call newer than our tables: say that it does not exist, so that libraries fall back.
        uint last = architecture.Numbers.Values.Max();
        uint newer = SeccompActions.IsErrno(defaultAction) ? SeccompActions.Errno | Enosys : defaultAction;
        List<(uint Start, Outcome Outcome)> ranges = Ranges(rules, new Outcome([], defaultAction), new Outcome([], newer), last);
        Dictionary<Outcome, int> places = [];
        int tree = Tree(program, ranges, 0, ranges.Count - 1, places);
        if (architecture.Name == "SCMP_ARCH_X86_64")
        {
            // x32 calls come under the same architecture with a bit set; they are foreign all the same.
            // Not so -1, to which a tracer turns the number of a call that it skips (ptrace(2)).
            int none = program.Ret(newer);
            int refused = program.Ret(SeccompActions.KillProcess);
            refused = program.Compare(BpfBuilder.JumpEqual, uint.MaxValue, none, refused);
            int go = program.GoTo(tree);
            tree = program.Compare(BpfBuilder.JumpGreaterOrEqual, X32Bit, refused, go);
        }
        else
        {
            tree = program.GoTo(tree);
        }

        return program.Load(NumberOffset);
    }

    private static List<(uint Start, Outcome Outcome)> Ranges(SortedDictionary<uint, List<Rule>> rules, Outcome otherwise, Outcome newer, uint last)
    {
        List<(uint Start, Outcome Outcome)> ranges = [];
        void Add(uint start, Outcome outcome)
        {
            if (ranges.Count == 0 || !ranges[^1].Outcome.Equals(outcome))
            {
                ranges.Add((start, outcome));
            }
        }

        uint next = 0;
        foreach ((uint number, List<Rule> list) in rules)
        {
            if (number > next || ranges.Count == 0 && number > 0)
            {
                Add(next, otherwise);
            }

            Rule? unconditional = list.LastOrDefault(r => r.Conditions.Count == 0);
            Add(number, new Outcome([.. list.Where(r => r.Conditions.Count > 0)], unconditional?.Action ?? otherwise.Otherwise));
            next = number + 1;
        }

        if (next <= last)
        {
            Add(next, otherwise);
        }

        Add(last + 1, newer);
        return ranges;
    }

    private static int Tree(BpfBuilder program, List<(uint Start, Outcome Outcome)> ranges, int first, int last, Dictionary<Outcome, int> places)
    {
        if (first == last)
        {
            Outcome outcome = ranges[first].Outcome;
            if (outcome.Rules.Count == 0)
            {
                return program.Ret(outcome.Otherwise);
            }

            if (!places.TryGetValue(outcome, out int place))
            {
                places[outcome] = place = outcome.Emit(program);
            }

            return place;
        }

        int middle = (first + last + 1) / 2;
        int upper = Tree(program, ranges, middle, last, places);
        int lower = Tree(program, ranges, first, middle - 1, places);
        return program.Compare(BpfBuilder.JumpGreaterOrEqual, ranges[middle].Start, upper, lower);
    }

    private static uint Flags(OciSeccomp policy, bool notifies)
    {
        uint flags = 0;
        foreach (string flag in policy.Flags)
        {
            flags |= flag switch
            {
                "SECCOMP_FILTER_FLAG_TSYNC" => 1u,
                "SECCOMP_FILTER_FLAG_LOG" => 2u,
                "SECCOMP_FILTER_FLAG_SPEC_ALLOW" => 4u,
                "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" => 32u,
                _ => throw QuiltException.Invalid("linux.seccomp.flags", $"seccomp flag '{flag}' is unknown", "use one of the runtime spec's SECCOMP_FILTER_FLAG_ names"),
            };
        }

        // A listener and TSYNC exclude each other; one thread loads it anyway.
        return notifies ? (flags & ~1u) | 8u : flags;
    }

    internal static uint ArgumentLow(uint index) => ArgumentsOffset + (8 * index);

    internal static uint ArgumentHigh(uint index) => ArgumentsOffset + (8 * index) + 4;
}
