using System.Net.Http.Headers;
using System.Text.Json;
using Quilt.Core;
using Quilt.Credentials;
using Quilt.Images;

namespace Quilt.Registry;

/// <summary>Speaks with registries (OCI distribution-spec). Safe for use by many threads; one is enough for a program.</summary>
/// <seealso href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md"/>
public sealed partial class RegistryClient : IDisposable
{
    private const int MostHosts = 256;
    private readonly RegistryOptions _options;
    private readonly TokenCache _tokens;
    private readonly Dictionary<string, (RegistryHost Host, long LastUsed)> _hosts = new(StringComparer.Ordinal);
    private long _uses;

    public RegistryClient(RegistryOptions options, TimeProvider? time = null)
    {
        _options = options;
        _tokens = new TokenCache(new TokenServer(options.Transfers, time ?? TimeProvider.System), time ?? TimeProvider.System);
    }

    /// <summary>What a name means now: a manifest, or an index of several.</summary>
    /// <exception cref="QuiltException">NotFound, PermissionDenied, Unavailable and others: no mirror and no registry knows.</exception>
    public Task<Descriptor> ResolveAsync(ImageReference reference, RegistryCredential? credential, CancellationToken cancellation) =>
        FirstAsync(Repositories(reference, credential), async repository =>
            await repository.HeadManifestAsync(Selector(reference), reference.ToString(), cancellation).ConfigureAwait(false)
            ?? (await repository.GetManifestAsync(Selector(reference), reference.ToString(), _options.Transfers, cancellation).ConfigureAwait(false)).Descriptor);

    /// <summary>Whether a registry accepts credentials.</summary>
    /// <param name="registry">As image references have it, such as <c>docker.io</c>.</param>
    /// <exception cref="QuiltException">PermissionDenied: it does not. InvalidArgument: this is no registry's name. Unavailable and others: it cannot be asked.</exception>
    public async Task CheckLoginAsync(string registry, RegistryCredential credential, CancellationToken cancellation)
    {
        if (!ImageReference.TryParse(registry + "/x", out ImageReference any) || any.Domain is null)
        {
            throw QuiltException.Invalid("registry", $"'{Text.Printable(registry)}' is not a registry's name", "give a host with an optional port, such as docker.io or registry.example.com:5000");
        }

        RepositoryConnection connection = Origin(any, credential);
        RegistryRequest request = new(HttpMethod.Get, "v2/") { What = "the login", Scopes = "" };
        using HttpResponseMessage response = await connection.SendAsync(request, cancellation).ConfigureAwait(false);
    }

    public void Dispose()
    {
        lock (_hosts)
        {
            foreach ((RegistryHost host, _) in _hosts.Values)
            {
                host.Dispose();
            }

            _hosts.Clear();
        }
    }

    private static string Selector(ImageReference reference) => reference.Digest?.ToString() ?? reference.Tag ?? ImageReference.DefaultTag;

    /// <summary>Where a repository can be read: the mirrors in order, then the registry.</summary>
    private List<RepositoryConnection> Repositories(ImageReference reference, RegistryCredential? credential)
    {
        string registry = DomainOf(reference);
        List<RepositoryConnection> repositories = [];
        foreach (MirrorAddress mirror in _options.For(registry).Mirrors.Select(m => MirrorAddress.Parse(m, registry)))
        {
            // A mirror has credentials of its own, or none: those for the registry are none of its business.
            RegistryHost host = HostOf(mirror.Host, mirror.Scheme);
            repositories.Add(new RepositoryConnection(host, mirror.Prefix + reference.Path, Configured(mirror.Host), _tokens, _options.Transfers, isMirror: true));
        }

        repositories.Add(Origin(reference, credential));
        return repositories;
    }

    private RepositoryConnection Origin(ImageReference reference, RegistryCredential? credential)
    {
        string registry = DomainOf(reference);
        return new RepositoryConnection(HostOf(registry, null), reference.Path, credential ?? Configured(registry), _tokens, _options.Transfers, isMirror: false);
    }

    private static string DomainOf(ImageReference reference) => reference.Domain ?? throw QuiltException.Invalid(
        "image", $"'{reference}' is Quilt's own name and no registry's", "name a registry before it, such as registry.example.com/quilt/app, or docker.io for Docker Hub");

    private RegistryHost HostOf(string name, string? scheme)
    {
        lock (_hosts)
        {
            string key = $"{scheme}://{name}";
            RegistryHost host = _hosts.TryGetValue(key, out (RegistryHost Host, long LastUsed) known)
                ? known.Host
                : new RegistryHost(name, scheme, _options.For(name), _options.Transfers);
            _hosts[key] = (host, ++_uses);
            if (_hosts.Count > MostHosts)
            {
                // Somebody may be at work with it yet: its connections end when they have been idle for a while.
                _hosts.Remove(_hosts.MinBy(h => h.Value.LastUsed).Key);
            }

            return host;
        }
    }

    private RegistryCredential? Configured(string registry)
    {
        if (_options.For(registry).Credentials is not { } login)
        {
            return null;
        }

        try
        {
            return new RegistryCredential { Username = login.Username, Secret = File.ReadAllText(login.PasswordFile).TrimEnd('\r', '\n') };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the passwordFile of the registry {registry} cannot be read", "have the operator correct registries.json", inner: e);
        }
    }

    /// <summary>The first answer of several that may have it; where none has, the last one says why.</summary>
    private static async Task<T> FirstAsync<T>(List<RepositoryConnection> repositories, Func<RepositoryConnection, Task<T>> ask)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return await ask(repositories[i]).ConfigureAwait(false);
            }
            catch (QuiltException) when (i + 1 < repositories.Count)
            {
                // The next one is asked; the last is the registry itself.
            }
        }
    }
}
