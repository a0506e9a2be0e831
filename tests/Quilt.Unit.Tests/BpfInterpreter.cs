using System.Buffers.Binary;

namespace Quilt.Unit.Tests;

/// <summary>Runs a compiled filter as the kernel would, on a struct seccomp_data.</summary>
internal static class BpfInterpreter
{
    internal static uint Run(byte[] program, uint architecture, uint number, params ulong[] arguments)
    {
        byte[] data = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), architecture);
        for (int i = 0; i < arguments.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16 + (8 * i)), arguments[i]);
        }

        uint accumulator = 0;
        for (int pc = 0; ; pc++)
        {
            ReadOnlySpan<byte> instruction = program.AsSpan(8 * pc, 8);
            ushort code = BinaryPrimitives.ReadUInt16LittleEndian(instruction);
            uint k = BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]);
            switch (code)
            {
                case 0x20: accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)k)); break;
                case 0x54: accumulator &= k; break;
                case 0x05: pc += (int)k; break;
                case 0x06: return k;
                case 0x15: pc += accumulator == k ? instruction[2] : instruction[3]; break;
                case 0x25: pc += accumulator > k ? instruction[2] : instruction[3]; break;
                case 0x35: pc += accumulator >= k ? instruction[2] : instruction[3]; break;
                default: throw new InvalidOperationException($"instruction {code:x} at {pc}");
            }
        }
    }
}
