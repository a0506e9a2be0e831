using Quilt.Oci;

namespace Quilt.Seccomp;

/// <summary>What happens to a system call: the first rule that holds, or else an action.</summary>
internal sealed record Outcome(IReadOnlyList<Rule> Rules, uint Otherwise)
{
    internal int Emit(BpfBuilder program)
    {
        int next = program.Ret(Otherwise);
        foreach (Rule rule in Rules.Reverse())
        {
            next = rule.Emit(program, next);
        }

        return next;
    }

    public bool Equals(Outcome? other) =>
        other is not null && Otherwise == other.Otherwise && Rules.Count == other.Rules.Count
        && Rules.Zip(other.Rules).All(pair => pair.First.Action == pair.Second.Action
            && pair.First.Conditions.SequenceEqual<OciSyscallArg>(pair.Second.Conditions));

    public override int GetHashCode() => HashCode.Combine(Otherwise, Rules.Count);
}
