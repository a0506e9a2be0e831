using Quilt.Core;
using Quilt.Credentials;

namespace Quilt.Cli;

/// <summary>Who the user is to a registry, as <c>~/.docker/config.json</c> and its helpers know it.</summary>
internal static class RegistryLogin
{
    internal const string DockerHub = "docker.io";

    /// <param name="reference">An image's; what is wrong with it is the daemon's to say.</param>
    /// <returns>As the tools take it; null where nothing is known.</returns>
    internal static async Task<ToolArguments?> ForAsync(string reference, CancellationToken cancellation = default)
    {
        int slash = reference.IndexOf('/', StringComparison.Ordinal);
        string first = slash > 0 ? reference[..slash] : "";
        string registry = first.AsSpan().ContainsAny('.', ':') || first == "localhost" ? first : DockerHub;
        return await DockerConfig.Open().FindAsync(registry, cancellation) is { } credential ? Of(credential) : null;
    }

    internal static ToolArguments Of(RegistryCredential credential) => credential.IsIdentityToken
        ? new ToolArguments().Add("username", credential.Username).Add("identityToken", credential.Secret)
        : new ToolArguments().Add("username", credential.Username).Add("password", credential.Secret);
}
