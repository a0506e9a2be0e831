using System.ComponentModel;
using Quilt.Core;
using Quilt.Credentials;

namespace Quilt.Aria;

/// <summary>Who the caller is to a registry.</summary>
public sealed record RegistryCredentialsArguments
{
    [Description("Left out where an identity token says who.")]
    public string? Username { get; init; }

    [Sensitive]
    public string? Password { get; init; }

    [Description("Instead of a password: what a login gave to be exchanged for tokens.")]
    [Sensitive]
    public string? IdentityToken { get; init; }

    /// <exception cref="QuiltException">InvalidArgument: they are not whole.</exception>
    internal RegistryCredential Read() => (Username, Password, IdentityToken) switch
    {
        (_, null, { Length: > 0 } token) => new RegistryCredential { Username = Username ?? "", Secret = token, IsIdentityToken = true },
        ({ Length: > 0 } name, { Length: > 0 } password, null) => new RegistryCredential { Username = name, Secret = password },
        _ => throw QuiltException.Invalid("credentials", "the credentials are not whole", "give username and password, or identityToken"),
    };
}
