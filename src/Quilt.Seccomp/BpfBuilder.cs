using System.Runtime.InteropServices;

namespace Quilt.Seccomp;

/// <summary>
/// Builds classic BPF from its end to its beginning, so that every jump's target is known when the jump is made.
/// A place in the program is its distance from the end.
/// </summary>
internal sealed class BpfBuilder
{
    // linux/bpf_common.h
    private const ushort LoadWordAbsolute = 0x20, JumpAlways = 0x05, Return = 0x06, And = 0x54;
    internal const ushort JumpEqual = 0x15, JumpGreater = 0x25, JumpGreaterOrEqual = 0x35;

    private readonly List<Instruction> _reversed = [];

    internal int Load(uint offset) => Add(new Instruction(LoadWordAbsolute, 0, 0, offset));

    internal int Mask(uint mask) => Add(new Instruction(And, 0, 0, mask));

    internal int Ret(uint value)
    {
        // A return close enough to be jumped to is shared.
        for (int i = _reversed.Count - 1; i >= Math.Max(0, _reversed.Count - 200); i--)
        {
            if (_reversed[i].Code == Return && _reversed[i].K == value)
            {
                return i;
            }
        }

        return Add(new Instruction(Return, 0, 0, value));
    }

    /// <summary>Goes to a place: nothing where it comes next anyway.</summary>
    internal int GoTo(int target) =>
        target == _reversed.Count - 1 ? target : Add(new Instruction(JumpAlways, 0, 0, (uint)(_reversed.Count - 1 - target)));

    internal int Compare(ushort operation, uint value, int whenTrue, int whenFalse)
    {
        // A conditional jump reaches 255 instructions; farther goes over an unconditional one.
        while (_reversed.Count - 1 - whenTrue > 254 || _reversed.Count - 1 - whenFalse > 254)
        {
            if (_reversed.Count - 1 - whenTrue > 254)
            {
                whenTrue = GoTo(whenTrue);
            }
            else
            {
                whenFalse = GoTo(whenFalse);
            }
        }

        return Add(new Instruction(operation, (byte)(_reversed.Count - 1 - whenTrue), (byte)(_reversed.Count - 1 - whenFalse), value));
    }

    internal byte[] ToBytes()
    {
        Instruction[] program = [.. _reversed];
        Array.Reverse(program);
        return MemoryMarshal.AsBytes<Instruction>(program).ToArray();
    }

    internal int Count => _reversed.Count;

    private int Add(Instruction instruction)
    {
        _reversed.Add(instruction);
        return _reversed.Count - 1;
    }

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte JumpTrue, byte JumpFalse, uint K);
}
