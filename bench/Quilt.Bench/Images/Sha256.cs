using System.Security.Cryptography;

namespace Quilt.Bench.Images;

/// <summary>Digests as registries write them.</summary>
internal static class Sha256
{
    public static string Name(byte[] hash) => "sha256:" + Convert.ToHexStringLower(hash);

    public static string Of(byte[] content) => Name(SHA256.HashData(content));
}
