using Quilt.Credentials;

namespace Quilt.Registry;

/// <summary>What a token is good for. Whoever brings other credentials gets other tokens.</summary>
/// <param name="Scopes">Parted by spaces, in order.</param>
internal sealed record TokenKey(string Registry, Uri Realm, string? Service, string Scopes, RegistryCredential? Credential);
