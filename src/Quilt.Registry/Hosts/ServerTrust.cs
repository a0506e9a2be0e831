using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Quilt.Core;

namespace Quilt.Registry;

/// <summary>Which servers a registry's client believes: those that the system vouches for, or the operator's own authority.</summary>
internal sealed class ServerTrust
{
    private readonly string? _unverifiedHost;
    private readonly X509Certificate2Collection _authorities = [];

    /// <param name="unverifiedHost">A host whose certificate is not looked at; null where there is none.</param>
    /// <exception cref="QuiltException">FailedPrecondition: the file of certificates cannot be used.</exception>
    internal ServerTrust(string registry, string? caFile, string? unverifiedHost)
    {
        _unverifiedHost = unverifiedHost;
        if (caFile is null)
        {
            return;
        }

        try
        {
            _authorities.ImportFromPemFile(caFile);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(registry, e);
        }

        if (_authorities.Count == 0)
        {
            throw Unusable(registry, null);
        }
    }

    /// <summary>A certificate may name addresses to get others from: nobody makes this host go there.</summary>
    internal static X509ChainPolicy Policy() => new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };

    internal bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        bool isTrusted = errors == SslPolicyErrors.None
            || (_unverifiedHost is not null && (sender as SslStream)?.TargetHostName == _unverifiedHost)
            || (errors == SslPolicyErrors.RemoteCertificateChainErrors && certificate is X509Certificate2 presented && chain is not null && IsOfOurs(presented, chain));

        // The runtime's own message would say only that we said no.
        return isTrusted ? isTrusted : throw new AuthenticationException(Reason(errors, chain));
    }

    private bool IsOfOurs(X509Certificate2 presented, X509Chain chain)
    {
        if (_authorities.Count == 0)
        {
            return false;
        }

        using X509Chain ours = new() { ChainPolicy = Policy() };
        ours.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        ours.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        ours.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // server authentication (RFC 5280, 4.2.1.12)
        ours.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        foreach (X509ChainElement element in chain.ChainElements)
        {
            ours.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return ours.Build(presented);
    }

    private static string Reason(SslPolicyErrors errors, X509Chain? chain) => errors switch
    {
        _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) => "it shows no certificate",
        _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => "its certificate is for another name",
        _ => "its certificate is not trusted: " + string.Join(", ", (chain?.ChainStatus ?? []).Select(s => s.Status).Distinct()),
    };

    private static QuiltException Unusable(string registry, Exception? inner) =>
        new(ErrorCode.FailedPrecondition, $"the caFile of the registry {registry} holds no certificates that can be read", "have the operator put certificates in PEM there", inner: inner);
}
