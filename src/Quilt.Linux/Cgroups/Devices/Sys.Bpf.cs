using System.Runtime.InteropServices;
using System.Text;

namespace Quilt.Linux;

public static unsafe partial class Sys
{
    // union bpf_attr as each command reads it (linux/bpf.h)
    private const int BpfLoad = 5, BpfAttach = 8, BpfDetach = 9, BpfFdById = 13, BpfInfo = 15, BpfQuery = 16;
    private const int CgroupDeviceType = 15, CgroupDeviceAttach = 6, AllowMany = 2;
    private const int BpfNameLength = 16, BpfInfoNameOffset = 64;

    private static int BpfNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;

    /// <seealso href="https://man7.org/linux/man-pages/man2/bpf.2.html"/>
    internal static FileDescriptor BpfLoadDeviceProgram(BpfInstruction[] program, string name)
    {
        byte* attributes = stackalloc byte[72];
        new Span<byte>(attributes, 72).Clear();
        byte noLicense = 0;
        fixed (BpfInstruction* steps = program)
        {
            *(int*)attributes = CgroupDeviceType;
            *(int*)(attributes + 4) = program.Length;
            *(ulong*)(attributes + 8) = (ulong)steps;
            *(ulong*)(attributes + 16) = (ulong)&noLicense;
            Encoding.ASCII.GetBytes(name, new Span<byte>(attributes + 48, BpfNameLength - 1));
            return new FileDescriptor((int)Bpf(BpfLoad, attributes, 72, "load"));
        }
    }

    internal static void BpfAttachDevices(FileDescriptor folder, FileDescriptor program)
    {
        int* attributes = stackalloc int[4] { folder.Number, program.Number, CgroupDeviceAttach, AllowMany };
        Bpf(BpfAttach, attributes, 16, "attach");
    }

    internal static void BpfDetachDevices(FileDescriptor folder, FileDescriptor program)
    {
        int* attributes = stackalloc int[4] { folder.Number, program.Number, CgroupDeviceAttach, 0 };
        Bpf(BpfDetach, attributes, 16, "detach");
    }

    /// <summary>The programs attached to this very folder; at most 64 (the kernel's own limit).</summary>
    internal static IReadOnlyList<FileDescriptor> BpfDevicePrograms(FileDescriptor folder)
    {
        const int most = 64;
        int* ids = stackalloc int[most];
        byte* query = stackalloc byte[32];
        new Span<byte>(query, 32).Clear();
        *(int*)query = folder.Number;
        *(int*)(query + 4) = CgroupDeviceAttach;
        *(ulong*)(query + 16) = (ulong)ids;
        *(int*)(query + 24) = most;
        Bpf(BpfQuery, query, 32, "query");
        List<FileDescriptor> programs = [];
        int* id = stackalloc int[3] { 0, 0, 0 };
        for (int i = 0; i < *(int*)(query + 24); i++)
        {
            *id = ids[i];
            programs.Add(new FileDescriptor((int)Bpf(BpfFdById, id, 12, "open by id")));
        }

        return programs;
    }

    internal static string BpfName(FileDescriptor program)
    {
        const int length = BpfInfoNameOffset + BpfNameLength;
        byte* info = stackalloc byte[length];
        new Span<byte>(info, length).Clear();
        byte* attributes = stackalloc byte[16];
        *(int*)attributes = program.Number;
        *(int*)(attributes + 4) = length;
        *(ulong*)(attributes + 8) = (ulong)info;
        Bpf(BpfInfo, attributes, 16, "info");
        return Marshal.PtrToStringUTF8((nint)(info + BpfInfoNameOffset)) ?? "";
    }

    private static nint Bpf(int command, void* attributes, int length, string what) =>
        Check(LibC.syscall(BpfNumber, command, (nint)attributes, length, 0, 0, 0), "bpf", what);
}
