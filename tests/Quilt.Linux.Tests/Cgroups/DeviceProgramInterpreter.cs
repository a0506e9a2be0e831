namespace Quilt.Linux.Tests.Cgroups;

/// <summary>Runs a compiled device filter as the kernel would, on a struct bpf_cgroup_dev_ctx.</summary>
internal static class DeviceProgramInterpreter
{
    internal static bool Allows(BpfInstruction[] program, char type, uint major, uint minor, DeviceAccess access)
    {
        uint[] context = [((uint)access << 16) | (type == 'b' ? 1u : 2u), major, minor];
        ulong[] registers = new ulong[10];
        for (int at = 0; ; at++)
        {
            (byte code, byte pair, short offset, int immediate) = program[at];
            ref ulong to = ref registers[pair & 0xF];
            ulong from = registers[pair >> 4], value = (ulong)(long)immediate;
            switch (code)
            {
                case 0x61: to = context[offset / 4]; break;
                case 0xB7: to = value; break;
                case 0xBF: to = from; break;
                case 0x57: to &= value; break;
                case 0x77: to >>= immediate; break;
                case 0x16: at += (uint)to == (uint)immediate ? offset : 0; break;
                case 0x56: at += (uint)to != (uint)immediate ? offset : 0; break;
                case 0x95: return registers[0] == 1;
                default: throw new InvalidOperationException($"instruction {code:x} at {at}");
            }
        }
    }
}
