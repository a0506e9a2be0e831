using Quilt.Core;
using Quilt.Credentials;

namespace Quilt.Cli;

/// <summary>Who the user is to a registry, as <c>~/.docker/config.json</c> and its helpers know it.</summary>
internal static class RegistryLogin
{
    internal const string DockerHub = "docker.io";

    internal const string SecretHelp = "Who you are to the registry: USERNAME:PASSWORD in a secret that the operator keeps (see 'quiltd --secrets'), instead of ~/.docker/config.json";

    /// <param name="reference">An image's; what is wrong with it is the daemon's to say.</param>
    /// <param name="secret">The name of the operator's secret that says it; null: the user's own configuration.</param>
    /// <returns>As the tools take it; null where nothing is known.</returns>
    internal static async Task<ToolArguments?> ForAsync(string reference, string? secret = null, CancellationToken cancellation = default)
    {
        if (secret is not null)
        {
            return new ToolArguments().Add("secret", secret);
        }

        int slash = reference.IndexOf('/', StringComparison.Ordinal);
        string first = slash > 0 ? reference[..slash] : "";
        string registry = first.AsSpan().ContainsAny('.', ':') || first == "localhost" ? first : DockerHub;
        return await DockerConfig.Open().FindAsync(registry, cancellation) is { } credential ? Of(credential) : null;
    }

    internal static ToolArguments Of(RegistryCredential credential) => credential.IsIdentityToken
        ? new ToolArguments().Add("username", credential.Username).Add("identityToken", credential.Secret)
        : new ToolArguments().Add("username", credential.Username).Add("password", credential.Secret);
}
