using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Daemon;

/// <summary>Where HTTP is served over TCP: only with TLS, and only to whoever has a token.</summary>
/// <param name="Names">By which clients may call it, for certificates and against DNS rebinding.</param>
internal sealed record HttpEndpoint(IPEndPoint Address, X509Certificate2 Certificate, IReadOnlyList<string> Names)
{
    private const string CertificateFile = "http.crt", KeyFile = "http.key";
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650), ClockSkew = TimeSpan.FromDays(1);

    /// <summary>Names that mean this host wherever they are said.</summary>
    internal static IReadOnlyList<string> Loopback { get; } = ["localhost", "127.0.0.1", "::1"];

    /// <param name="address">ADDRESS:PORT.</param>
    /// <param name="certificate">A PEM file; null: one of our own, made in the state folder.</param>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static HttpEndpoint Open(string address, string? certificate, string? key, IReadOnlyList<string> names, string stateDir)
    {
        if (!IPEndPoint.TryParse(address, out IPEndPoint? endpoint) || endpoint.Port == 0)
        {
            throw QuiltException.Invalid("--http", $"--http '{address}' is no address with a port", "give one such as 127.0.0.1:7443 or [::]:7443");
        }

        string[] all = [.. Loopback, endpoint.Address.ToString(), Dns.GetHostName(), .. names];
        return new HttpEndpoint(endpoint, certificate is null && key is null ? Own(stateDir, all) : Given(certificate, key), [.. all.Distinct(StringComparer.OrdinalIgnoreCase)]);
    }

    private static X509Certificate2 Given(string? certificate, string? key)
    {
        try
        {
            return certificate is not null && key is not null
                ? X509Certificate2.CreateFromPemFile(certificate, key)
                : throw QuiltException.Invalid("--http-cert", "a certificate needs its key, and a key its certificate", "give both --http-cert and --http-key, or neither");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw QuiltException.Invalid("--http-cert", $"the certificate cannot be used: {e.Message}", "give PEM files of a certificate and its key");
        }
    }

    /// <summary>Signed by itself: clients are given its file to trust.</summary>
    private static X509Certificate2 Own(string stateDir, string[] names)
    {
        string certificate = Path.Combine(stateDir, CertificateFile), key = Path.Combine(stateDir, KeyFile);
        if (!File.Exists(certificate) || !File.Exists(key))
        {
            using ECDsa pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new("CN=quilt", pair, HashAlgorithmName.SHA256);
            SubjectAlternativeNameBuilder alternatives = new();
            foreach (string name in names.Distinct(StringComparer.OrdinalIgnoreCase))
            {
                if (IPAddress.TryParse(name, out IPAddress? ip))
                {
                    alternatives.AddIpAddress(ip);
                }
                else
                {
                    alternatives.AddDnsName(name);
                }
            }

            request.CertificateExtensions.Add(alternatives.Build());
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            DateTimeOffset now = DateTimeOffset.UtcNow;
            using X509Certificate2 made = request.CreateSelfSigned(now - ClockSkew, now + Validity);
            const uint everybodyReads = 0x1A4; // 0644
            DurableFile.Write(stateDir, KeyFile, System.Text.Encoding.ASCII.GetBytes(pair.ExportPkcs8PrivateKeyPem()));
            DurableFile.Write(stateDir, CertificateFile, System.Text.Encoding.ASCII.GetBytes(made.ExportCertificatePem()), everybodyReads);
        }

        return X509Certificate2.CreateFromPemFile(certificate, key);
    }
}
