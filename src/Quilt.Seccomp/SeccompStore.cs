using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Quilt.Linux;

namespace Quilt.Seccomp;

/// <summary>
/// Compiled filters in a folder that only its owner can write. A file is found by a hash of the policy's text and holds that
/// text, which is compared: the hash need not be a cryptographic one, and no policy can be given another's filter.
/// </summary>
/// <param name="compiler">Names the compiler's build: what another one made is not used.</param>
public sealed class SeccompStore(string folder, string compiler)
{
    private const int HeaderBytes = 4 * sizeof(uint);

    /// <summary>The filter that was compiled from exactly this text; null where there is none.</summary>
    internal SeccompProgram? TryRead(ReadOnlySpan<byte> policy)
    {
        // flags, listener, lengths of compiler and policy; then the compiler, the policy and the instructions.
        byte[] file = Sys.TryReadFile(PathOf(policy)) ?? [];
        if (file.Length < HeaderBytes)
        {
            return null;
        }

        uint flags = Word(file, 0), listener = Word(file, 1);
        long compilerLength = Word(file, 2), policyLength = Word(file, 3), head = HeaderBytes + compilerLength + policyLength;
        return head < file.Length && (file.Length - head) % 8 == 0
            && Encoding.UTF8.GetBytes(compiler).AsSpan().SequenceEqual(file.AsSpan(HeaderBytes, (int)compilerLength))
            && policy.SequenceEqual(file.AsSpan(HeaderBytes + (int)compilerLength, (int)policyLength))
                ? new SeccompProgram(file[(int)head..], flags, listener != 0, [])
                : null;
    }

    /// <summary>Keeps a filter. Without room for it the next one compiles again: no failure.</summary>
    internal void Write(ReadOnlySpan<byte> policy, SeccompProgram program)
    {
        byte[] name = Encoding.UTF8.GetBytes(compiler);
        byte[] file = new byte[HeaderBytes + name.Length + policy.Length + program.Instructions.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(file, program.Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), program.NeedsListener ? 1u : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), (uint)name.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), (uint)policy.Length);
        name.CopyTo(file, HeaderBytes);
        policy.CopyTo(file.AsSpan(HeaderBytes + name.Length));
        program.Instructions.CopyTo(file, HeaderBytes + name.Length + policy.Length);
        try
        {
            Sys.TryMakeDirectory(folder, 0x1C0);
            Sys.ReplaceFile(PathOf(policy), file);
        }
        catch (SyscallException)
        {
        }
    }

    private static uint Word(byte[] file, int index) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(4 * index));

    private string PathOf(ReadOnlySpan<byte> policy)
    {
        // FNV-1a, 64 bits.
        ulong hash = 14695981039346656037;
        foreach (byte b in policy)
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return $"{folder}/{hash.ToString("x16", CultureInfo.InvariantCulture)}";
    }
}
