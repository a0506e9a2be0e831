using System.Security.Cryptography;

namespace Quilt.Core;

/// <summary>A content address: <c>sha256:</c> and 64 lower-case hexadecimal digits (OCI image-spec, descriptor).</summary>
public readonly record struct Digest
{
    private const string Prefix = "sha256:";
    private readonly string? _hex;

    private Digest(string hex) => _hex = hex;

    /// <summary>The 64 digits alone, safe as a file name.</summary>
    public string Hex => _hex ?? throw new InvalidOperationException("an unset digest was used");

    public static Digest OfSha256(ReadOnlySpan<byte> hash) => new(Convert.ToHexStringLower(hash));

    public static Digest Compute(ReadOnlySpan<byte> content) => OfSha256(SHA256.HashData(content));

    public static bool TryParse(string? text, out Digest digest)
    {
        bool valid = text is not null && text.Length == Prefix.Length + 64 && text.StartsWith(Prefix, StringComparison.Ordinal)
            && text.AsSpan(Prefix.Length).IndexOfAnyExcept("0123456789abcdef") < 0;
        digest = valid ? new Digest(text![Prefix.Length..]) : default;
        return valid;
    }

    public static Digest Parse(string text) => TryParse(text, out Digest digest)
        ? digest
        : throw QuiltException.Invalid("digest", $"'{Text.Printable(text)}' is not a digest", "give sha256: and 64 lower-case hexadecimal digits");

    public override string ToString() => Prefix + Hex;
}
