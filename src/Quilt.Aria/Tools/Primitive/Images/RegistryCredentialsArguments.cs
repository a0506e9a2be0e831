using System.ComponentModel;
using Quilt.Core;
using Quilt.Credentials;

namespace Quilt.Aria;

/// <summary>Who the caller is to a registry.</summary>
public sealed record RegistryCredentialsArguments
{
    /// <summary>Docker's name for who has an identity token instead of a password.</summary>
    private const string OfToken = "<token>";

    [Description("Left out where an identity token, or the secret, says who.")]
    public string? Username { get; init; }

    [Sensitive]
    public string? Password { get; init; }

    [Description("Instead of a password: what a login gave to be exchanged for tokens.")]
    [Sensitive]
    public string? IdentityToken { get; init; }

    [Description("Instead of a password: the name of a secret that the operator keeps and your grant has. It holds the password, or USERNAME:PASSWORD where username is left out.")]
    public string? Secret { get; init; }

    /// <exception cref="QuiltException">InvalidArgument: they are not whole; as <see cref="SecretFolder.Read"/>.</exception>
    internal RegistryCredential Read(Agent agent, SecretFolder secrets) => (Username, Password, IdentityToken, Secret) switch
    {
        (_, null, { Length: > 0 } token, null) => OfIdentity(Username ?? "", token),
        ({ Length: > 0 } name, { Length: > 0 } password, null, null) => OfPassword(name, password),
        ({ Length: > 0 } name, null, null, { } secret) => OfPassword(name, secrets.ReadText(agent, secret, "credentials.secret")),
        (null, null, null, { } secret) => Split(secrets.ReadText(agent, secret, "credentials.secret"), secret),
        _ => throw QuiltException.Invalid("credentials", "the credentials are not whole", "give username and password, or identityToken, or secret"),
    };

    private static RegistryCredential Split(string text, string secret) => text.Split(':', 2) switch
    {
        [OfToken, { Length: > 0 } token] => OfIdentity("", token),
        [{ Length: > 0 } name, { Length: > 0 } password] => OfPassword(name, password),
        _ => throw QuiltException.Invalid("credentials.secret", $"the secret '{secret}' is not USERNAME:PASSWORD", "give the username beside it, or keep both in the secret"),
    };

    private static RegistryCredential OfPassword(string name, string password) => new() { Username = name, Secret = password };

    private static RegistryCredential OfIdentity(string name, string token) => new() { Username = name, Secret = token, IsIdentityToken = true };
}
