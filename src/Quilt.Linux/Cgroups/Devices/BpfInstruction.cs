using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>struct bpf_insn: one step of an eBPF program (Documentation/bpf/standardization/instruction-set.rst).</summary>
/// <param name="Registers">Destination in the low four bits, source in the high.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BpfInstruction(byte Code, byte Registers, short Offset, int Immediate)
{
    private const byte LoadWord = 0x61, MoveImmediate = 0xB7, MoveRegister = 0xBF, AndImmediate = 0x57, ShiftRight = 0x77, ExitCode = 0x95;
    private const byte JumpIfEqual32 = 0x16, JumpIfNotEqual32 = 0x56;

    internal static BpfInstruction Exit => new(ExitCode, 0, 0, 0);

    internal static BpfInstruction Load(int to, int from, short offset) => new(LoadWord, Pair(to, from), offset, 0);

    internal static BpfInstruction Set(int register, int value) => new(MoveImmediate, Pair(register, 0), 0, value);

    internal static BpfInstruction Copy(int to, int from) => new(MoveRegister, Pair(to, from), 0, 0);

    internal static BpfInstruction And(int register, int mask) => new(AndImmediate, Pair(register, 0), 0, mask);

    internal static BpfInstruction Shift(int register, int bits) => new(ShiftRight, Pair(register, 0), 0, bits);

    /// <summary>Compares 32 bits: device numbers fill them, and a longer comparison would extend the sign of ours.</summary>
    internal static BpfInstruction SkipIfEqual(int register, int value, short count) => new(JumpIfEqual32, Pair(register, 0), count, value);

    internal static BpfInstruction SkipIfNotEqual(int register, int value, short count) => new(JumpIfNotEqual32, Pair(register, 0), count, value);

    private static byte Pair(int to, int from) => (byte)(to | (from << 4));
}
