using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Quilt.Aria;

/// <summary>A token as it is kept: never itself, only its hash.</summary>
/// <param name="Agent">Its agent's id.</param>
public sealed record Token(string Id, string Agent, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt)
{
    private const string Prefix = "quilt_";

    public bool Revoked { get; init; }
    public DateTimeOffset? UsedAt { get; init; }

    /// <summary>256 random bits, to be told once.</summary>
    internal static string NewSecret() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    internal static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
