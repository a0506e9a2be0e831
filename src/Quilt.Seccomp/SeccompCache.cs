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

    public SeccompProgram Get(OciSeccomp policy)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(policy, OciJson.Default.OciSeccomp);
        return _programs.GetOrAdd(Digest.OfSha256(SHA256.HashData(content)), _ => SeccompCompiler.Compile(policy));
    }
}
