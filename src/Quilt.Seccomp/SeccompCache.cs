using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Quilt.Core;
using Quilt.Oci;

namespace Quilt.Seccomp;

/// <summary>Compiles each policy once; policies are known by the hash of their content.</summary>
public sealed class SeccompCache
{
    private readonly ConcurrentDictionary<Digest, SeccompProgram> _programs = new();
    private readonly ConcurrentDictionary<string, SeccompProgram> _loaded = new(StringComparer.Ordinal);

    public SeccompProgram Get(OciSeccomp policy)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(policy, OciJson.Default.OciSeccomp);
        return _programs.GetOrAdd(Digest.OfSha256(SHA256.HashData(content)), _ => SeccompCompiler.Compile(policy));
    }

    /// <summary>A filter that was compiled before, from a file that only its owner can change.</summary>
    public SeccompProgram Load(string path) => _loaded.GetOrAdd(path, p =>
    {
        byte[] instructions = File.ReadAllBytes(p);
        return instructions.Length > 0 && instructions.Length % 8 == 0
            ? new SeccompProgram(instructions, 0, false, [])
            : throw new QuiltException(ErrorCode.Internal, "the compiled system call filter is damaged", "remove the state folder's seccomp folder; it is made anew");
    });
}
