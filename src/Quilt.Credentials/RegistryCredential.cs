using System.Text;

namespace Quilt.Credentials;

/// <summary>Who somebody is to a registry. Its secret is never printed and never in a message.</summary>
public sealed record RegistryCredential
{
    public required string Username { get; init; }

    /// <summary>A password or access token; or the token that stands for both, see <see cref="IsIdentityToken"/>.</summary>
    public required string Secret { get; init; }

    /// <summary>The secret is what OAuth2 calls a refresh token: it is exchanged for tokens, and is no password.</summary>
    public bool IsIdentityToken { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Username = ").Append(Username);
        return true;
    }
}
