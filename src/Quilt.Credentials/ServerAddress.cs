namespace Quilt.Credentials;

/// <summary>How Docker's configuration and the credential helpers call a registry.</summary>
public static class ServerAddress
{
    private const string DockerHub = "docker.io", DockerHubServer = "https://index.docker.io/v1/";

    /// <summary>The key under which a registry's credentials are written.</summary>
    /// <param name="registry">As image references have it, such as <c>docker.io</c> or <c>localhost:5000</c>.</param>
    internal static string Of(string registry) => registry == DockerHub ? DockerHubServer : registry;

    /// <summary>The registry that a key means: older programs wrote a scheme before it and a path after it.</summary>
    public static string RegistryOf(string key)
    {
        ReadOnlySpan<char> rest = key;
        int scheme = rest.IndexOf("://", StringComparison.Ordinal);
        rest = scheme < 0 ? rest : rest[(scheme + 3)..];
        int slash = rest.IndexOf('/');
        rest = slash < 0 ? rest : rest[..slash];
        return rest is "index.docker.io" or "registry-1.docker.io" ? DockerHub : rest.ToString();
    }
}
