using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using Quilt.Core;

namespace Quilt.Registry;

/// <summary>One registry's server, and the connections to it and to what it names.</summary>
internal sealed class RegistryHost : IDisposable
{
    private const string DockerHub = "docker.io", DockerHubServer = "registry-1.docker.io";
    private static readonly ProductInfoHeaderValue Agent = new("quilt", typeof(RegistryHost).Assembly.GetName().Version?.ToString(3));
    private readonly TransferPolicy _policy;
    private readonly AddressGuard _guard;
    private readonly HttpMessageInvoker _http;
    private readonly Uri[] _candidates;
    private volatile Uri? _base;

    /// <param name="name">As image references have it, with its port where it has one.</param>
    /// <param name="scheme">http or https; null: https, and where plain HTTP will do, that after it.</param>
    /// <exception cref="QuiltException">InvalidArgument: the name is no address. FailedPrecondition: its caFile cannot be used.</exception>
    internal RegistryHost(string name, string? scheme, RegistrySettings settings, TransferPolicy policy)
    {
        Name = name;
        _policy = policy;
        string authority = name == DockerHub ? DockerHubServer : name;
        if (!Uri.TryCreate($"https://{authority}/", UriKind.Absolute, out Uri? secure) || !Uri.TryCreate($"http://{authority}/", UriKind.Absolute, out Uri? plain))
        {
            throw QuiltException.Invalid("image", $"'{Text.Printable(name)}' is no address of a registry", "give a host name or an address with an optional port up to 65535, such as registry.example.com:5000");
        }

        IsInsecure = settings.Insecure || scheme == "http" || secure.IsLoopback;
        _candidates = scheme switch
        {
            "http" => [plain],
            null when IsInsecure => [secure, plain],
            _ => [secure],
        };

        // The two have one port where the name has it, and that can be neither's usual one.
        _guard = new AddressGuard(name, secure.IdnHost, secure.Port == plain.Port ? secure.Port : null);
        ServerTrust trust = new(name, settings.CaFile, IsInsecure ? secure.IdnHost : null);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = _guard.ConnectAsync,
            ConnectTimeout = policy.ConnectTimeout,
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            Proxy = new EnvironmentProxy(),
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = ServerTrust.Policy(),
                RemoteCertificateValidationCallback = trust.Validate,
            },
            UseCookies = false,
        });
    }

    internal string Name { get; }

    /// <summary>Plain HTTP and certificates that nobody vouches for are accepted.</summary>
    internal bool IsInsecure { get; }

    /// <summary>How it last wanted its clients to authorize themselves; null where it did not ask yet.</summary>
    internal Challenge? Challenge { get; set; }

    /// <summary>Its address, ending in '/'. Where both schemes will do, the one it answered by.</summary>
    internal async Task<Uri> AddressAsync(CancellationToken cancellation)
    {
        if (_base is { } known || _candidates.Length == 1)
        {
            return _base ??= _candidates[0];
        }

        try
        {
            using HttpRequestMessage ping = new(HttpMethod.Get, new Uri(_candidates[0], "v2/"));
            using HttpResponseMessage answer = await SendAsync(ping, cancellation).ConfigureAwait(false);
            return _base = _candidates[0];
        }
        catch (Exception e) when (e is TimeoutException or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.ConnectionError })
        {
            // Remembered only when it has answered so: a registry that is just starting may speak TLS after all.
            using HttpRequestMessage ping = new(HttpMethod.Get, new Uri(_candidates[1], "v2/"));
            using HttpResponseMessage answer = await SendAsync(ping, cancellation).ConfigureAwait(false);
            return _base = _candidates[1];
        }
    }

    /// <summary>Whether credentials for this registry may go there: to its own scheme, host and port alone.</summary>
    internal bool Owns(Uri target) =>
        _base is { } own && target.Scheme == own.Scheme && target.Port == own.Port && string.Equals(target.IdnHost, own.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>What a registry named, resolved and found fit to be gone to.</summary>
    /// <exception cref="QuiltException">PermissionDenied: not HTTP, or not encrypted although the registry is.</exception>
    internal Uri Follow(Uri from, Uri? named)
    {
        Uri? target = named is null || named.IsAbsoluteUri ? named : new Uri(from, named);
        bool fit = target is not null && target.UserInfo.Length == 0 && (target.Scheme == Uri.UriSchemeHttps || (target.Scheme == Uri.UriSchemeHttp && IsInsecure));
        return fit ? target! : throw new QuiltException(
            ErrorCode.PermissionDenied, $"the registry {Name} sends its client to an address that is not https", "ask the registry's operator to encrypt, or have this registry marked as insecure in registries.json");
    }

    /// <summary>Sends once and returns with the answer's beginning. No redirect is followed.</summary>
    /// <exception cref="HttpRequestException">No connection, or it broke.</exception>
    /// <exception cref="TimeoutException">No answer, and no byte of the request taken, in the time for that.</exception>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        _guard.Check(request.RequestUri!);
        request.Headers.UserAgent.Add(Agent);
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(_policy.StallTimeout);
        if (request.Content is FileContent file)
        {
            file.Moved = () => Prolong(stall);
        }

        try
        {
            return await _http.SendAsync(request, stall.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(e.InnerException is TimeoutException
                ? $"no connection in {DurationText.Format(_policy.ConnectTimeout)}"
                : $"nothing came for {DurationText.Format(_policy.StallTimeout)}", e);
        }
    }

    private void Prolong(CancellationTokenSource stall)
    {
        try
        {
            stall.CancelAfter(_policy.StallTimeout);
        }
        catch (ObjectDisposedException)
        {
            // The answer came before the whole request was taken.
        }
    }

    public void Dispose() => _http.Dispose();
}
