using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>The header that carries a token (RFC 6750).</summary>
internal static class Bearer
{
    private const string Scheme = "Bearer ";

    /// <returns>Null where the header is not there.</returns>
    /// <exception cref="QuiltException">Unauthenticated: it is of another kind.</exception>
    internal static string? TokenOf(string? header) => string.IsNullOrEmpty(header) ? null
        : header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim()
        : throw new QuiltException(ErrorCode.Unauthenticated, "the authorization is of an unknown kind", "send 'Authorization: Bearer TOKEN'");
}
