using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Quilt.Registry.Tests.Servers;

/// <summary>Issues tokens that docker-registry believes (distribution, auth/jwt), to everybody to read and to one account to write.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    public const string User = "writer", Password = "s3cret-pass", IdentityToken = "identity-of-writer";
    private const string Issuer = "test-issuer", Service = "test-registry";
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private WebServer? _server;

    private TokenIssuer() => _certificate = new CertificateRequest("CN=tokens", _key, HashAlgorithmName.SHA256)
        .CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));

    /// <summary>What tokens are said to last.</summary>
    public int? Seconds { get; set; } = 300;

    /// <summary>What the next tokens really are: one that is over is refused by the registry.</summary>
    public bool IssuesExpired { get; set; }

    /// <summary>Whether reading needs no account.</summary>
    public bool IsPublic { get; set; } = true;

    /// <summary>How many scopes one token may have.</summary>
    public int MostScopes { get; set; } = int.MaxValue;

    public WebServer Server => _server!;

    public int Issued { get; private set; }

    public static async Task<TokenIssuer> Start()
    {
        TokenIssuer tokens = new();
        tokens._server = await WebServer.Start(tokens.Answer);
        return tokens;
    }

    /// <summary>A registry that asks for tokens from here.</summary>
    public Task<DockerRegistry> StartRegistry(string? realm = null) => DockerRegistry.Start(auth: folder =>
    {
        File.WriteAllText(folder["tokens.pem"], _certificate.ExportCertificatePem());
        return $"{{token: {{realm: '{realm ?? $"http://{Server.Address}/token"}', service: {Service}, issuer: {Issuer}, rootcertbundle: {folder["tokens.pem"]}}}}}";
    });

    private async Task Answer(HttpContext context)
    {
        bool isPost = context.Request.Method == "POST";
        IFormCollection? form = isPost ? await context.Request.ReadFormAsync() : null;
        string basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        string shown = context.Request.Headers.Authorization.ToString();
        bool isKnown = isPost ? form!["refresh_token"] == IdentityToken && form["grant_type"] == "refresh_token" : shown == basic;
        if ((isPost || shown.Length > 0) && !isKnown)
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsync($$"""{"errors":[{"code":"UNAUTHORIZED","message":"wrong: {{shown}}"}]}""");
            return;
        }

        IEnumerable<string> scopes = isPost ? form!["scope"].ToString().Split(' ') : context.Request.Query["scope"].OfType<string>();
        if (scopes.Count() > MostScopes)
        {
            context.Response.StatusCode = 403;
            return;
        }

        Issued++;
        string token = Sign(scopes.Where(s => s.Length > 0), isKnown);
        context.Response.ContentType = "application/json";
        string expiry = Seconds is null ? "" : $",\"expires_in\":{Seconds}";
        await context.Response.WriteAsync($$"""{"{{(isPost ? "access_token" : "token")}}":"{{token}}"{{expiry}}}""");
    }

    private string Sign(IEnumerable<string> scopes, bool isKnown)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string access = string.Join(',', scopes.Select(scope =>
        {
            string[] parts = scope.Split(':');
            string[] actions = [.. parts[^1].Split(',').Where(a => isKnown || (IsPublic && a == "pull"))];
            return $$"""{"type":"{{parts[0]}}","name":"{{string.Join(':', parts[1..^1])}}","actions":[{{string.Join(',', actions.Select(a => $"\"{a}\""))}}]}""";
        }));
        long until = IssuesExpired ? now - 600 : now + 300;
        string header = $$"""{"typ":"JWT","alg":"ES256","x5c":["{{Convert.ToBase64String(_certificate.RawData)}}"]}""";
        string claims = string.Create(CultureInfo.InvariantCulture, $$"""{"iss":"{{Issuer}}","sub":"","aud":"{{Service}}","exp":{{until}},"nbf":{{now - 900}},"iat":{{now - 900}},"jti":"{{Guid.NewGuid()}}","access":[{{access}}]}""");
        string content = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{content}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _certificate.Dispose();
        _key.Dispose();
    }
}
